//! `cargo +nightly fuzz run soap --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    latimer_fuzz::run("soap", data);
});
