// SPDX-License-Identifier: MIT
//! Locks of the C library, as a binding to a C library holds them.

use std::cell::UnsafeCell;
use std::os::raw::{c_int, c_void};

extern "C" {
    fn pthread_mutex_lock(mutex: *mut c_void) -> c_int;
    fn pthread_mutex_unlock(mutex: *mut c_void) -> c_int;
}

/// A pthread_mutex_t of x86-64 glibc in its initial state: 40 bytes of zero.
#[repr(C, align(8))]
pub struct Mutex(UnsafeCell<[u8; 40]>);

unsafe impl Sync for Mutex {}

impl Mutex {
    pub const fn new() -> Mutex {
        Mutex(UnsafeCell::new([0; 40]))
    }
    pub fn with<T>(&self, work: impl FnOnce() -> T) -> T {
        unsafe { pthread_mutex_lock(self.0.get().cast()) };
        let result = work();
        unsafe { pthread_mutex_unlock(self.0.get().cast()) };
        result
    }
}

pub static ACCOUNTS: Mutex = Mutex::new();
pub static JOURNAL: Mutex = Mutex::new();
