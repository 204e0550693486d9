//! `cargo +nightly fuzz run json --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    latimer_fuzz::run("json", data);
});
