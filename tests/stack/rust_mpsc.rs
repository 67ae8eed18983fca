// stack: in=recv below=receive primitive=channel
// SPDX-License-Identifier: GPL-2.0-only
// rust_mpsc.rs - a channel whose sender lives and never sends
use std::sync::mpsc::{channel, Receiver};
use std::thread;

#[inline(never)]
fn receive(from: &Receiver<String>) -> usize {
    from.recv().unwrap().len()
}

fn stay() -> ! {
    println!("ready");
    loop {
        thread::park();
    }
}

fn main() {
    let (_sender, receiver) = channel::<String>();
    thread::spawn(move || println!("{}", receive(&receiver)));
    stay()
}
