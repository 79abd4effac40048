//! Runs piglit's OpenGL tests through Paravane's virgl, and tells where others do better.

mod piglit;
mod report;
mod results;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::error::{Error, Result};
use crate::lab::{self, Extra, Plan, Room, Suite};
use crate::road::Road;
use crate::workspace::{Profile, Workspace};

use piglit::Piglit;
use report::Report;
use results::Results;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask conformance --native --virglrenderer --output docs/conformance.md\n  \
    cargo xtask conformance --beside results.csv\n  \
    cargo xtask conformance --tests list.txt --gles\n\n\
    The lab gets piglit (3.5 GB, some minutes, once). The results themselves, with what\n\
    each test printed, and the server's log stay in target/conformance.\n\
    The exit status is 1 if a test passes on virglrenderer and not on Paravane.")]
pub(crate) struct Options {
    /// The Debian suite whose Mesa is the client.
    #[arg(long, value_enum, default_value_t = Suite::Sid)]
    suite: Suite,
    /// A root directory that has Mesa, piglit and Xvfb, instead of the lab.
    #[arg(long, value_name = "DIR", conflicts_with = "suite")]
    root: Option<PathBuf>,
    /// A piglit test list: a name a line; without it, xtask/data/piglit.txt, 2,000 tests
    /// drawn from piglit's `quick` profile.
    #[arg(long, value_name = "LIST")]
    tests: Option<PathBuf>,
    /// Runs the tests on virglrenderer's `virgl_test_server`, too.
    #[arg(long)]
    virglrenderer: bool,
    /// Runs the tests without any of them, too.
    #[arg(long)]
    native: bool,
    /// Results to compare with where they are not measured: lines of
    /// `test,virglrenderer,llvmpipe` with piglit's words (pass, fail, …), a subtest called
    /// `test@@subtest`.
    #[arg(long, value_name = "CSV")]
    beside: Option<PathBuf>,
    /// Has the servers draw by the host's OpenGL ES.
    #[arg(long)]
    gles: bool,
    /// How many tests run at a time [default: the number of processors].
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// A `paravane` to test, instead of building it.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Writes the tables there as Markdown, as in docs/conformance.md.
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    // Before minutes are spent on what comes to nothing.
    let (list, beside) = (tests(&workspace, options)?, beside(options)?);
    let piglit = piglit(&workspace, options, &list)?;
    let report = measure(&piglit, options, beside)?;
    println!("\n{report}");
    println!("results: {}", piglit.kept().display());
    if let Some(path) = &options.output {
        fs::write(path, report.markdown()).map_err(Error::io("write", path))?;
    }
    match report.worse().len() {
        0 => Ok(ExitCode::SUCCESS),
        count => Err(Error::Rule(format!(
            "{count} results are worse than virglrenderer's"
        ))),
    }
}

fn tests(workspace: &Workspace, options: &Options) -> Result<String> {
    let default = || workspace.root().join("xtask/data/piglit.txt");
    let path = options.tests.clone().unwrap_or_else(default);
    fs::read_to_string(&path).map_err(Error::io("read", &path))
}

/// The columns of the file to compare with: virglrenderer's and llvmpipe's.
fn beside(options: &Options) -> Result<Option<[Results; 2]>> {
    let Some(path) = &options.beside else {
        return Ok(None);
    };
    let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
    let columns = results::of_csv(&text);
    let wrong = |line| Error::Missing(format!("{}: line {line} has no results", path.display()));
    columns.map(Some).map_err(wrong)
}

fn piglit(workspace: &Workspace, options: &Options, list: &str) -> Result<Piglit> {
    let plan = Plan {
        extras: vec![Extra::Piglit],
        ..Plan::of(options.suite)
    };
    let root = match &options.root {
        Some(root) => root.clone(),
        None => lab::make(workspace, &plan)?,
    };
    let program = match &options.program {
        Some(program) => program.clone(),
        None => workspace.build("paravane", "paravane", Profile::Release)?,
    };
    let room = Room::of_root(workspace, root)?;
    let kept = kept(workspace)?;
    Piglit::set(room, &program, list, kept, options.jobs)
}

/// An empty folder for what a run leaves.
fn kept(workspace: &Workspace) -> Result<PathBuf> {
    let folder: &Path = &workspace.target().join("conformance");
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::io("remove", folder))?;
    }
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    Ok(folder.to_owned())
}

fn measure(piglit: &Piglit, options: &Options, beside: Option<[Results; 2]>) -> Result<Report> {
    let asked = |road, asked: bool| asked.then_some(road);
    let native = asked(Road::Native, options.native);
    let virglrenderer = asked(Road::Virglrenderer, options.virglrenderer);
    let roads: Vec<Road> = [Some(Road::Paravane), virglrenderer, native]
        .into_iter()
        .flatten()
        .collect();
    let facts = piglit.facts(&roads, options.gles)?;
    println!("{facts}");
    let run = |road| piglit.run(road, options.gles);
    let paravane = run(Road::Paravane)?;
    let of_file = beside.is_some() && !(options.native && options.virglrenderer);
    let [file_virglrenderer, file_native] = match beside {
        Some(mut columns) => {
            results::drop_unrun(&mut columns, &paravane);
            columns.map(Some)
        }
        None => [None, None],
    };
    Ok(Report {
        facts,
        paravane,
        virglrenderer: virglrenderer.map(run).transpose()?.or(file_virglrenderer),
        native: native.map(run).transpose()?.or(file_native),
        of_file,
    })
}
