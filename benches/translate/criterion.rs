//! The same programs by criterion, a group a job: for its reports and its baselines.

use criterion::{Criterion, SamplingMode, Throughput};
use latimer_bench_translate::{Job, folder, jobs};
use std::time::Duration;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(2))
        .sample_size(10)
        .configure_from_args();
    for mut job in jobs(&folder()) {
        assert!(job.agrees(), "every program gives the same");
        measure(&mut criterion, &mut job);
    }
    criterion.final_summary();
}

/// An iteration is a round of all messages.
fn measure(criterion: &mut Criterion, job: &mut Job) {
    let mut group = criterion.benchmark_group(job.name);
    let (_, bytes) = job.size();
    group.throughput(Throughput::Bytes(bytes as u64)).sampling_mode(SamplingMode::Flat);
    for (at, name) in job.names().into_iter().enumerate() {
        group.bench_function(name, |it| it.iter(|| job.round(at)));
    }
    group.finish();
}
