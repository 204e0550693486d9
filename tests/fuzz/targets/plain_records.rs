//! `cargo +nightly fuzz run plain_records --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    latimer_fuzz::run("plain-records", data);
});
