//! `cargo +nightly fuzz run xsd --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    latimer_fuzz::run("xsd", data);
});
