//! `cargo run --release -- TARGET [SECONDS] [SEED]`: mutated inputs on any toolchain; without a target, all of them.
//!
//! A finding stands in `artifacts/TARGET-NUMBER` and ends the run.

use latimer_fuzz::{Random, TARGETS, Target, mutate};
use std::io::Write;
use std::panic::catch_unwind;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// One input may take this long, at most.
const INPUT_MS_MAX: u128 = 5_000;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let seconds = words.get(1).map_or(120, |it| it.parse().expect("SECONDS is a number"));
    let seed = words.get(2).map_or(1, |it| it.parse().expect("SEED is a number"));
    let chosen: Vec<&Target> = TARGETS.iter().filter(|it| words.first().is_none_or(|name| *name == it.name)).collect();
    assert!(!chosen.is_empty(), "there are: {:?}", TARGETS.iter().map(|it| it.name).collect::<Vec<_>>());
    let good = chosen.into_iter().filter(|it| !run(it, Duration::from_secs(seconds), seed)).count() == 0;
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(target: &Target, time: Duration, seed: u64) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if let Ok(kept) = std::fs::read(root.join("artifacts").join(format!("{}-{seed}", target.name)))
        && catch_unwind(|| (target.run)(&kept)).is_err()
    {
        println!("{}: artifacts/{}-{seed} still fails", target.name, target.name);
        return false;
    }
    let mut corpus = (target.seeds)();
    for input in &corpus {
        (target.run)(input);
    }
    let (start, mut random, mut count) = (Instant::now(), Random(seed), 0_u64);
    while start.elapsed() < time {
        let mut input = corpus[random.below(corpus.len())].clone();
        for _ in 0..=random.below(4) {
            mutate(&mut input, &corpus, target.words, &mut random);
        }
        input.truncate(64 << 10);
        let before = Instant::now();
        let done = catch_unwind(|| (target.run)(&input));
        let took = before.elapsed().as_millis();
        count += 1;
        if done.is_err() || took > INPUT_MS_MAX {
            let folder = root.join("artifacts");
            std::fs::create_dir_all(&folder).expect("a folder for what was found");
            let path = folder.join(format!("{}-{seed}", target.name));
            std::fs::write(&path, &input).expect("a file for what was found");
            println!(
                "{}: input {count} of seed {seed} {}: {}",
                target.name,
                if done.is_err() { "fails" } else { "hangs" },
                path.display()
            );
            return false;
        }
        // What the target finds worth a second look is built upon.
        if matches!(done, Ok(true)) && corpus.len() < 2_000 && random.below(20) == 0 {
            corpus.push(input);
        }
    }
    println!("{}: {count} inputs in {} s, no finding (seed {seed})", target.name, time.as_secs());
    let _ = std::io::stdout().flush();
    true
}
