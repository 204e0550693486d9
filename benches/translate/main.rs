//! All programs of all jobs by turns, as a table.
//!
//! `translate [FOLDER]` prints it; `translate FOLDER "JOB, PROGRAM" ROUNDS` runs one program for callgrind (`instructions.sh`).

use latimer_bench_translate::{Job, folder, jobs};
use rustix::time::{ClockId, clock_gettime};
use std::path::PathBuf;

/// The first two warm up.
const ROUNDS: usize = 15;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut jobs = jobs(&arguments.first().map_or_else(folder, PathBuf::from));
    if let [_, name, rounds] = arguments.as_slice() {
        return only(&mut jobs, name, rounds.parse().unwrap());
    }
    let all = jobs.len();
    jobs.retain_mut(Job::agrees);
    measure(&mut jobs);
    assert_eq!(jobs.len(), all, "every program gives the same");
}

/// Runs one program of one job: `decode order, tuned`.
fn only(jobs: &mut [Job], name: &str, rounds: usize) {
    let (job, program) = name.split_once(", ").unwrap();
    let job = jobs.iter_mut().find(|it| it.name == job).expect("a job of this name");
    let at = job.names().iter().position(|it| *it == program).expect("a program of this name");
    (0..rounds).for_each(|_| {
        job.round(at);
    });
}

/// The best time of a program, and its allocations, both of a round.
#[derive(Clone, Copy)]
struct Best {
    seconds: f64,
    allocations: u64,
}

/// All programs take turns, so that a noisy machine is noisy for all; the best round counts.
fn measure(jobs: &mut [Job]) {
    let none = Best { seconds: f64::MAX, allocations: 0 };
    let mut best: Vec<Vec<Best>> = jobs.iter().map(|it| vec![none; it.names().len()]).collect();
    for round in 0..ROUNDS {
        for (job, best) in jobs.iter_mut().zip(&mut best) {
            for (at, best) in best.iter_mut().enumerate() {
                let start = processor_seconds();
                let allocations = job.round(at);
                let seconds = processor_seconds() - start;
                if round > 1 {
                    *best = Best { seconds: best.seconds.min(seconds), allocations };
                }
            }
        }
    }
    println!("| Job | bytes a message | | messages/s | MB/s | allocations a message | time, engine = 1 |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    jobs.iter().zip(&best).for_each(|(job, best)| rows(job, best));
}

/// How long this thread had a processor: what others take of a shared machine is not in it.
fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn rows(job: &Job, best: &[Best]) {
    let (count, bytes) = job.size();
    let (count, bytes) = (count as f64, bytes as f64);
    for (at, (name, it)) in job.names().iter().zip(best).enumerate() {
        let (job, size) = if at == 0 { (job.name, format!("{:.0}", bytes / count)) } else { ("", String::new()) };
        println!(
            "| {job} | {size} | {name} | {:.0} | {:.1} | {:.0} | {:.2} |",
            count / it.seconds,
            bytes / it.seconds / 1e6,
            it.allocations as f64 / count,
            it.seconds / best[0].seconds,
        );
    }
}
