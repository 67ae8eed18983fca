// stack: in=lock below=lock_both kind=mutex
// SPDX-License-Identifier: GPL-2.0-only
// rust_mutex.rs - Mutex, two of them in opposite order
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

#[inline(never)]
fn lock_both(first: &Mutex<i32>, second: &Mutex<i32>, both: &Barrier) -> i32 {
    let one = first.lock().unwrap();
    both.wait();
    let two = second.lock().unwrap();
    *one + *two
}

fn stay() -> ! {
    println!("ready");
    loop {
        thread::park();
    }
}

fn main() {
    let both = Arc::new(Barrier::new(2));
    let (a, b) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)));
    let (a2, b2, both2) = (a.clone(), b.clone(), both.clone());
    thread::spawn(move || println!("{}", lock_both(&a, &b, &both)));
    thread::spawn(move || println!("{}", lock_both(&b2, &a2, &both2)));
    stay()
}
