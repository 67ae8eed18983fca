// stack: in=wait below=await_news kind=condition
// SPDX-License-Identifier: GPL-2.0-only
// rust_condvar.rs - Condvar that nobody notifies
use std::sync::{Condvar, Mutex};
use std::thread;

#[inline(never)]
fn await_news(mutex: &Mutex<bool>, news: &Condvar) -> bool {
    let mut there = mutex.lock().unwrap();
    while !*there {
        there = news.wait(there).unwrap();
    }
    *there
}

fn stay() -> ! {
    println!("ready");
    loop {
        thread::park();
    }
}

fn main() {
    thread::spawn(|| println!("{}", await_news(&Mutex::new(false), &Condvar::new())));
    stay()
}
