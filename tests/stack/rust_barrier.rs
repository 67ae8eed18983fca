// stack: in=wait below=reach_barrier primitive=barrier
// SPDX-License-Identifier: GPL-2.0-only
// rust_barrier.rs - Barrier that one party never reaches
use std::sync::Barrier;
use std::thread;

#[inline(never)]
fn reach_barrier(barrier: &Barrier) -> bool {
    barrier.wait().is_leader()
}

fn stay() -> ! {
    println!("ready");
    loop {
        thread::park();
    }
}

fn main() {
    thread::spawn(|| println!("{}", reach_barrier(&Barrier::new(2))));
    stay()
}
