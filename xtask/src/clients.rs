//! All tests: the workspace's own, then unmodified clients in the lab.

pub(crate) mod eglinfo;
pub(crate) mod frames;
pub(crate) mod glmark2;
mod opengl;
pub(crate) mod own;
pub(crate) mod stage;
pub(crate) mod still;
pub(crate) mod vkcube;
pub(crate) mod vkmark;
pub(crate) mod vulkaninfo;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::command;
use crate::error::{Error, Result};
use crate::guest_image::{self, Generation};
use crate::lab::{self, Plan, Room, Suite};
use crate::packages::{self, Need};
use crate::picture::{Likeness, Verdict};
use crate::torture;
use crate::vm;
use crate::workspace::{Profile, Workspace};

use stage::{Road, Stage};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Runs the clients alone, without `cargo test`.
    #[arg(long)]
    clients_only: bool,
    /// Makes these labs where they are missing; without it such clients count as skipped.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SUITE")]
    lab: Vec<Suite>,
    /// Makes guests of these suites where they are missing; without it, those that are missing
    /// count as skipped.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SUITE")]
    vm: Vec<Generation>,
    /// A `paravane` for the clients, instead of building it.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
}

/// For the workspace's own tests, of which some start the renderer on this machine.
const NEEDS: &[Need] = &[
    Need::Program("cc", "build-essential"),
    Need::Program("edid-decode", "edid-decode"),
    Need::Program("ffmpeg", "ffmpeg"),
    Need::Program("glslangValidator", "glslang-tools"),
    Need::Package("libvulkan1"),
    Need::Package("mesa-vulkan-drivers"),
];

/// For this machine's own OpenGL as host and client.
const OPENGL: &[Need] = &[
    Need::Package("libegl1"),
    Need::Package("libgl1-mesa-dri"),
    Need::Package("libgles2"),
];

/// How one client test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    if !options.clients_only {
        packages::ensure(NEEDS)?;
        command::run(&mut workspace.cargo(["test", "--workspace", "--locked"]))?;
    }
    let mut tally = Tally::default();
    if options.program.is_some() || workspace.has_program("paravane", "paravane") {
        for suite in [Suite::Trixie, Suite::Sid] {
            test_suite(&workspace, options, suite, &mut tally)?;
        }
        let pictures = test_host(&workspace, options);
        tally.note("this machine: gl-client", pictures);
        for suite in GUESTS {
            test_guest(&workspace, options, suite, &mut tally);
        }
    } else {
        tally.note(
            "all clients",
            Outcome::Skipped("there is no `paravane` to test yet".into()),
        );
    }
    tally.result()
}

fn test_suite(
    workspace: &Workspace,
    options: &Options,
    suite: Suite,
    tally: &mut Tally,
) -> Result<()> {
    let root = if options.lab.contains(&suite) {
        lab::make(workspace, &Plan::of(suite))?
    } else if let Some(root) = lab::made(workspace, suite) {
        root
    } else {
        let reason = format!(
            "no lab; `cargo xtask lab --suite {}` makes it",
            suite.name()
        );
        tally.note(
            &format!("{}: all clients", suite.name()),
            Outcome::Skipped(reason),
        );
        return Ok(());
    };
    let program = match &options.program {
        Some(program) => program.clone(),
        None => workspace.build("paravane", "paravane", Profile::Dev)?,
    };
    let stage = Stage::set(workspace, Room::of_root(workspace, root)?, &program)?;
    test_clients(&stage, suite, tally)?;
    let own = if own::exists(workspace) {
        outcome(own::compare(&stage, workspace, Profile::Dev).map(|_| ()))
    } else {
        Outcome::Skipped("there is no `vulkan-client` yet".to_owned())
    };
    tally.note(&format!("{}: vulkan-client", suite.name()), own);
    let pictures = outcome(opengl::compare(&stage, workspace));
    tally.note(&format!("{}: gl-client", suite.name()), pictures);
    let tortured = torture::in_room(&stage, workspace, SHORT_TORTURE, 1);
    let tortured = outcome(tortured.map(|summary| print!("{summary}")));
    tally.note(&format!("{}: torture", suite.name()), tortured);
    Ok(())
}

fn test_clients(stage: &Stage, suite: Suite, tally: &mut Tally) -> Result<()> {
    let mut note =
        |client: &str, outcome| tally.note(&format!("{}: {client}", suite.name()), outcome);
    note("vulkaninfo", outcome(sees_venus(stage)));
    note("vkcube", outcome(vkcube::compare(stage).and_then(same)));
    for scene in vkmark::scenes(stage)? {
        note(&format!("vkmark {scene}"), outcome(draws(stage, &scene)));
    }
    note("eglinfo", outcome(sees_virgl(stage)));
    note("glmark2 --validate", outcome(validates(stage)));
    for scene in COMPARED_SCENES {
        let verdict = glmark2::compare(stage, scene).and_then(same_but_rounding);
        note(&format!("glmark2 {scene}"), outcome(verdict));
    }
    Ok(())
}

/// With this machine's own Mesa as the client: on Debian 12 that is an older one than the labs'.
fn test_host(workspace: &Workspace, options: &Options) -> Outcome {
    if let Err(error) = packages::ensure(OPENGL) {
        return Outcome::Skipped(error.to_string());
    }
    let compared = || {
        let program = match &options.program {
            Some(program) => program.clone(),
            None => workspace.build("paravane", "paravane", Profile::Dev)?,
        };
        opengl::compare_here(workspace, &program)
    };
    outcome(compared())
}

/// The oldest guest and the newest.
const GUESTS: [Generation; 2] = [Generation::Bookworm, Generation::Sid];

/// The short form of the tests in virtual machines.
fn test_guest(workspace: &Workspace, options: &Options, suite: Generation, tally: &mut Tally) {
    let name = format!("virtual machine, {}", suite.name());
    if !options.vm.contains(&suite) && !guest_image::is_made(workspace, suite) {
        let makes = format!("cargo xtask guest-image --suite {} --short", suite.name());
        let reason = format!("no guest; `{makes}` makes it");
        tally.note(&name, Outcome::Skipped(reason));
        return;
    }
    let ran = || {
        let program = match &options.program {
            Some(program) => program.clone(),
            None => workspace.build("paravane", "paravane", Profile::Dev)?,
        };
        vm::run_short(workspace, suite, &program)
    };
    match ran() {
        Ok(tests) => {
            for (test, outcome) in tests {
                tally.note(&format!("{name}: {test}"), outcome);
            }
        }
        Err(Error::Missing(reason)) => tally.note(&name, Outcome::Skipped(reason)),
        Err(error) => tally.note(&name, Outcome::Failed(error.to_string())),
    }
}

/// A client's failure is the test's, not the task's.
fn outcome(result: Result<()>) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

fn sees_venus(stage: &Stage) -> Result<()> {
    let native = vulkaninfo::summary(stage, Road::Native)?;
    let through = vulkaninfo::summary(stage, Road::Paravane)?;
    if !through.is_venus() || !through.device.contains(&native.device) {
        return Err(Error::Rule(format!(
            "the client sees {through:?}, the host has {native:?}"
        )));
    }
    Ok(())
}

fn sees_virgl(stage: &Stage) -> Result<()> {
    let native = eglinfo::opengl(stage, Road::Native)?;
    let through = eglinfo::opengl(stage, Road::Virgl)?;
    if !through.is_virgl_on(&native) {
        return Err(Error::Rule(format!(
            "the client sees {through}, the host has {native}"
        )));
    }
    Ok(())
}

/// Whether glmark2 finds as many scenes right as natively, and none wrong.
fn validates(stage: &Stage) -> Result<()> {
    let native = glmark2::validate(stage, Road::Native)?;
    let through = glmark2::validate(stage, Road::Virgl)?;
    if through != native {
        return Err(Error::Rule(format!(
            "{through} scenes are right, and natively {native}"
        )));
    }
    Ok(())
}

fn draws(stage: &Stage, scene: &str) -> Result<()> {
    vkmark::run(stage, Road::Paravane, scene, SHORT_SCENE)?;
    same(vkmark::compare(stage, scene)?)
}

fn same(verdict: Verdict) -> Result<()> {
    match verdict.likeness() {
        Likeness::Same => Ok(()),
        Likeness::Rounded(pixels) | Likeness::Different(pixels) => Err(differs(pixels)),
    }
}

/// For OpenGL, whose shaders come through a language (TGSI) that has not all of the client's
/// operations: a result may be rounded otherwise, on every renderer of it.
fn same_but_rounding(verdict: Verdict) -> Result<()> {
    match verdict.likeness() {
        Likeness::Same | Likeness::Rounded(_) => Ok(()),
        Likeness::Different(pixels) => Err(differs(pixels)),
    }
}

fn differs(pixels: usize) -> Error {
    let text = format!("the picture differs from the native one in {pixels} pixels");
    Error::Rule(text)
}

/// Some tens of processes are killed in it, in seconds.
const SHORT_TORTURE: u64 = 15;

/// Long enough for a scene to be set up and draw many frames, in seconds.
const SHORT_SCENE: f64 = 0.5;

/// The scenes of glmark2 whose pictures are compared: a model with lights, and a shader of much
/// arithmetic. glmark2 checks others itself.
const COMPARED_SCENES: &[&str] = &["build", "jellyfish"];

/// Counts outcomes, and tells each as it comes.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Tally {
    fn note(&mut self, name: &str, outcome: Outcome) {
        let (count, text) = match outcome {
            Outcome::Passed => (&mut self.passed, "ok".to_owned()),
            Outcome::Failed(reason) => (&mut self.failed, format!("FAILED: {reason}")),
            Outcome::Skipped(reason) => (&mut self.skipped, format!("skipped: {reason}")),
        };
        *count += 1;
        println!("client {name} ... {text}");
    }

    fn result(&self) -> Result<ExitCode> {
        let line = format!(
            "clients: {} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        );
        if self.failed > 0 {
            return Err(Error::Rule(line));
        }
        println!("{line}");
        Ok(ExitCode::SUCCESS)
    }
}
