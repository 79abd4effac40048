//! Paravane's development tasks.

fn main() {}
