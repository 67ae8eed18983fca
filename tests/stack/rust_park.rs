// stack: in=park below=parked_for_good primitive=park
// SPDX-License-Identifier: GPL-2.0-only
// rust_park.rs - thread::park, and nobody unparks
use std::thread;

#[inline(never)]
fn parked_for_good(turns: u64) -> u64 {
    let mut turn = 0;
    while turn < turns {
        thread::park();
        turn += 1;
    }
    turn
}

fn stay() -> ! {
    println!("ready");
    loop {
        thread::park();
    }
}

fn main() {
    thread::spawn(|| println!("{}", parked_for_good(u64::MAX)));
    stay()
}
