// SPDX-License-Identifier: Apache-2.0
//! The `prio` and `hpke` crates behind the line protocol of bench/protocol.md.

mod cpu_time;
mod prio3;
mod protocol;
mod sealing;

use protocol::{Answer, Fault, Request};
use std::io::{BufRead, Write};

fn answer(line: &str) -> Answer {
    let request = Request::parse(line)?;
    match request.command {
        "hpke_keygen" => sealing::keygen(&request),
        "hpke_seal" => sealing::seal(&request),
        "hpke_open" => sealing::open(&request),
        "chunk_length" => prio3::chunk_length(&request),
        _ => prio3::answer(&request),
    }
}

fn main() -> std::io::Result<()> {
    let stdin = std::io::stdin().lock();
    let mut stdout = std::io::stdout().lock();
    for line in stdin.lines() {
        match answer(&line?) {
            Ok(values) => writeln!(stdout, "ok {values}")?,
            Err(Fault::Refused(why)) => writeln!(stdout, "refused {}", why.replace('\n', " "))?,
            Err(Fault::Bad(why)) => writeln!(stdout, "bad {}", why.replace('\n', " "))?,
        }
        stdout.flush()?;
    }
    Ok(())
}
