// stack: in=write below=upgrade kind=rwlock
// SPDX-License-Identifier: GPL-2.0-only
// rust_rwlock.rs - RwLock: each reads one and wants to write the other
use std::sync::{Arc, Barrier, RwLock};
use std::thread;

#[inline(never)]
fn upgrade(first: &RwLock<i32>, second: &RwLock<i32>, both: &Barrier) -> i32 {
    let one = first.read().unwrap();
    both.wait();
    let mut two = second.write().unwrap();
    *two += *one;
    *two
}

fn stay() -> ! {
    println!("ready");
    loop {
        thread::park();
    }
}

fn main() {
    let both = Arc::new(Barrier::new(2));
    let (a, b) = (Arc::new(RwLock::new(1)), Arc::new(RwLock::new(2)));
    let (a2, b2, both2) = (a.clone(), b.clone(), both.clone());
    thread::spawn(move || println!("{}", upgrade(&a, &b, &both)));
    thread::spawn(move || println!("{}", upgrade(&b2, &a2, &both2)));
    stay()
}
