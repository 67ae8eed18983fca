// stack: in=join below=join_it kind=join
// SPDX-License-Identifier: GPL-2.0-only
// rust_join.rs - JoinHandle::join of a thread that never ends
use std::thread::{self, JoinHandle};

#[inline(never)]
fn join_it(other: JoinHandle<i32>) -> i32 {
    other.join().unwrap()
}

fn never_ends() -> i32 {
    loop {
        thread::park();
    }
}

fn stay() -> ! {
    println!("ready");
    loop {
        thread::park();
    }
}

fn main() {
    thread::spawn(|| println!("{}", join_it(thread::spawn(never_ends))));
    stay()
}
