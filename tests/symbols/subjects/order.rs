// SPDX-License-Identifier: MIT
//
// Two of the C library's mutexes in both orders, taken from Rust, by two threads that are there at once,
// one after the other: latent, and it never hangs.
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering};

#[repr(C, align(8))]
struct Raw([u8; 40]); // pthread_mutex_t of x86-64; all zero: PTHREAD_MUTEX_INITIALIZER

extern "C" {
    fn pthread_mutex_lock(mutex: *mut Raw) -> i32;
    fn pthread_mutex_unlock(mutex: *mut Raw) -> i32;
}

mod bank {
    use super::*;

    pub struct Lock<T> {
        raw: UnsafeCell<Raw>,
        _value: T,
    }

    unsafe impl<T> Sync for Lock<T> {}

    pub struct Guard<'a, T>(&'a Lock<T>);

    impl<T> Lock<T> {
        pub const fn new(value: T) -> Self {
            Lock { raw: UnsafeCell::new(Raw([0; 40])), _value: value }
        }

        #[inline(never)]
        pub fn acquire(&self) -> Guard<'_, T> {
            unsafe { pthread_mutex_lock(self.raw.get()) };
            Guard(self)
        }
    }

    impl<T> Drop for Guard<'_, T> {
        fn drop(&mut self) {
            unsafe { pthread_mutex_unlock(self.0.raw.get()) };
        }
    }
}

static LEDGER: bank::Lock<i32> = bank::Lock::new(0);
static SAVINGS: bank::Lock<u64> = bank::Lock::new(0);
static FIRST_DONE: AtomicBool = AtomicBool::new(false);

#[inline(never)]
fn deposit() {
    let _ledger = LEDGER.acquire();
    let _savings = SAVINGS.acquire();
}

#[inline(never)]
fn audit() {
    let _savings = SAVINGS.acquire();
    let _ledger = LEDGER.acquire();
}

fn main() {
    let second = std::thread::spawn(|| {
        while !FIRST_DONE.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        audit();
    });
    let first = std::thread::spawn(|| {
        deposit();
        FIRST_DONE.store(true, Ordering::Release);
    });
    first.join().unwrap();
    second.join().unwrap();
}
