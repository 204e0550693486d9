//! `cargo +nightly fuzz run copybook --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    latimer_fuzz::run("copybook", data);
});
