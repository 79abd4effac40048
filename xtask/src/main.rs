//! Paravane's development tasks: check, test, asan, demo, lab, conformance, versus, generate.
#![forbid(unsafe_code)]

mod asan;
mod check;
mod clients;
mod command;
mod conformance;
mod demo;
mod error;
mod generate;
mod guest_image;
mod lab;
mod packages;
mod picture;
mod road;
mod sandbox_trace;
mod torture;
mod versus;
mod vm;
mod workspace;

use clap::{Parser, Subcommand};

use error::Result;

/// Paravane's development tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", version, about)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// What the gate runs: format, lints, docs, licences, arrows, unsafe code, generated code.
    Check(check::Options),
    /// All tests: the workspace's own, then unmodified clients in the lab.
    Test(clients::Options),
    /// The tests of the OpenGL part under AddressSanitizer; needs a nightly compiler.
    Asan(asan::Options),
    /// Sets everything up and shows unmodified programs drawing through Paravane.
    Demo(demo::Options),
    /// Makes a root directory with a current Debian's Vulkan and OpenGL programs, and runs commands in it.
    Lab(lab::Options),
    /// Runs piglit's OpenGL tests through virgl, beside other renderers' results.
    Conformance(conformance::Options),
    /// Measures OpenGL clients natively, through virglrenderer and through Paravane in turn.
    Versus(versus::Options),
    /// Kills clients' processes at random points while other clients' pictures are compared.
    Torture(torture::Options),
    /// Lists what clients' processes ask of the kernel, and which files they open, by strace.
    SandboxTrace(sandbox_trace::Options),
    /// Makes a guest for virtual machines: a Debian with its kernel, in a minute or two.
    GuestImage(guest_image::Options),
    /// Boots guests on QEMU, runs tests in them, and compares what graphics cards show.
    VmTest(vm::Options),
    /// Writes the generated code anew from the Vulkan registry.
    Generate(generate::Options),
}

fn main() -> std::process::ExitCode {
    match run(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<std::process::ExitCode> {
    match task {
        Task::Check(options) => check::run(&options),
        Task::Test(options) => clients::run(&options),
        Task::Asan(options) => asan::run(&options),
        Task::Demo(options) => demo::run(&options),
        Task::Lab(options) => lab::run(&options),
        Task::Conformance(options) => conformance::run(&options),
        Task::Versus(options) => versus::run(&options),
        Task::Torture(options) => torture::run(&options),
        Task::SandboxTrace(options) => sandbox_trace::run(&options),
        Task::GuestImage(options) => guest_image::run(&options),
        Task::VmTest(options) => vm::run(&options),
        Task::Generate(options) => generate::run(&options),
    }
}
