//! `cargo +nightly fuzz run xml --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    latimer_fuzz::run("xml", data);
});
