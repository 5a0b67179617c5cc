// SPDX-License-Identifier: MIT
use std::{thread, time::Duration};
use under_lockdag::{ACCOUNTS, JOURNAL};

#[test]
fn deposit_and_audit() {
    let deposit = thread::spawn(|| ACCOUNTS.with(|| JOURNAL.with(|| ())));
    let audit = thread::spawn(|| {
        thread::sleep(Duration::from_millis(100));
        JOURNAL.with(|| ACCOUNTS.with(|| ()))
    });
    deposit.join().unwrap();
    audit.join().unwrap();
}
