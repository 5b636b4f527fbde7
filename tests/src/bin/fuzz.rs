//! `fuzz --seconds N [--from SEED]`: arbitrary records through the rules, one seed after the other.
//! A line for each failure, with its seed; the last line sums up. Ends with 1 if anything failed.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;
use tests::fuzz::{Known, run};
use tokio::time::Instant;

/// Reads the two numbers and goes through the seeds.
fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().ok();
    let asked = match args[..] {
        ["--seconds", n] => number(n).map(|n| (n, 0)),
        ["--seconds", n, "--from", seed] => number(n).zip(number(seed)),
        _ => None,
    };
    let Some((seconds, from)) = asked else {
        say("fuzz --seconds N [--from SEED]");
        return ExitCode::from(2);
    };
    // A panic is caught and told with its seed; its own report would only be in the way.
    std::panic::set_hook(Box::new(|_| {}));
    let known = Known::shipped();
    let until = Instant::now() + Duration::from_secs(seconds);
    let (mut seed, mut failed, mut judged) = (from, 0_u64, 0_u64);
    while Instant::now() < until || seed == from {
        let done = run(&known, seed);
        judged += done.judged;
        for failure in done.failures {
            failed += 1;
            say(&format!("seed {seed}: {failure}"));
        }
        seed += 1;
    }
    let records = seed - from;
    say(&format!(
        "{records} records from seed {from}, {judged} assessments, {failed} failures"
    ));
    ExitCode::from(u8::from(failed > 0))
}

fn say(line: &str) {
    // Nobody is left to hear of a closed pipe.
    let _ = writeln!(std::io::stdout(), "{line}");
}
