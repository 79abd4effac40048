//! Sets everything up and shows unmodified programs drawing through Paravane.

mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::clients::stage::{self, Road, Stage};
use crate::clients::{eglinfo, glmark2, own, vkcube, vkmark, vulkaninfo};
use crate::error::{Error, Result};
use crate::lab::{self, Plan, Room, Suite};
use crate::packages::{self, Need};
use crate::picture::Likeness;
use crate::vm;
use crate::workspace::{Profile, Workspace};

use table::{Row, Table};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The Debian suite whose programs are run; without it, this machine's own if they
    /// are installed, and else trixie's.
    #[arg(long, value_enum)]
    suite: Option<Suite>,
    /// Shows it as the graphics card of a virtual machine instead.
    #[arg(long)]
    vm: bool,
    /// A `paravane` to show, instead of building it.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// How often each scene runs by each road; the median counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How long each scene runs, in seconds.
    #[arg(long, default_value_t = 2.0, value_name = "SECONDS")]
    seconds: f64,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    println!("{}paravane", if options.vm { "" } else { "[1/4] " });
    let program = match &options.program {
        Some(program) => program.clone(),
        None => build(&workspace)?,
    };
    if options.vm {
        return vm::demo(&workspace, &program);
    }
    println!("[2/4] the programs to show");
    let stage = Stage::set(&workspace, room(&workspace, options.suite)?, &program)?;
    let pictures = workspace.target().join("demo");
    if pictures.exists() {
        fs::remove_dir_all(&pictures).map_err(Error::io("remove", &pictures))?;
    }
    fs::create_dir_all(&pictures).map_err(Error::io("create", &pictures))?;
    let demo = Demo {
        workspace,
        stage,
        pictures,
        options,
    };
    let table = demo.show()?;
    println!("\n{table}\npictures: {}", demo.pictures.display());
    Ok(if table.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn build(workspace: &Workspace) -> Result<PathBuf> {
    packages::ensure(&[Need::Program("cc", "build-essential")])?;
    workspace.build("paravane", "paravane", Profile::Release)
}

fn room(workspace: &Workspace, suite: Option<Suite>) -> Result<Room> {
    let host = Room::of_host(workspace);
    if suite.is_none() && stage::suffices(&host) {
        println!("this machine has them");
        return Ok(host);
    }
    let root = lab::make(workspace, &Plan::of(suite.unwrap_or(Suite::Trixie)))?;
    Room::of_root(workspace, root)
}

/// The scenes of glmark2 in the table, for their different demands: a model with lights, windows
/// blended over each other, and a shader of much arithmetic.
const GLMARK2_SCENES: &[&str] = &["build", "desktop", "jellyfish"];

struct Demo<'a> {
    workspace: Workspace,
    stage: Stage,
    pictures: PathBuf,
    options: &'a Options,
}

impl Demo<'_> {
    fn show(&self) -> Result<Table> {
        let mut table = Table::default();
        println!("[3/4] programs");
        table.push("vulkaninfo", self.vulkaninfo());
        table.push("vkcube", self.vkcube());
        table.push("eglinfo", self.eglinfo());
        if own::exists(&self.workspace) {
            table.push("vulkan-client", self.own());
        }
        println!("[4/4] vkmark and glmark2, native and through Paravane in turn");
        let scenes = vkmark::scenes(&self.stage)?;
        for scene in &scenes {
            table.push(&format!("vkmark {scene}"), self.vkmark(scene));
        }
        for scene in GLMARK2_SCENES {
            table.push(&format!("glmark2 {scene}"), self.glmark2(scene));
        }
        Ok(table)
    }

    fn vulkaninfo(&self) -> Result<Row> {
        println!("  vulkaninfo");
        vulkaninfo::whole(&self.stage, Road::Paravane)?;
        let seen = vulkaninfo::summary(&self.stage, Road::Paravane)?;
        if !seen.is_venus() {
            return Err(Error::Rule(format!(
                "the client did not see Venus: {seen:?}"
            )));
        }
        Ok(Row::seen(format!("{} {}", seen.device, seen.version)))
    }

    fn vkcube(&self) -> Result<Row> {
        println!("  vkcube");
        let verdict = vkcube::compare(&self.stage)?;
        verdict.write_pngs(&self.pictures, "vkcube")?;
        let seen = vulkaninfo::summary(&self.stage, Road::Paravane)?;
        Ok(Row::seen(seen.device).with_picture(verdict.likeness()))
    }

    fn eglinfo(&self) -> Result<Row> {
        println!("  eglinfo");
        let seen = eglinfo::opengl(&self.stage, Road::Virgl)?;
        if !seen.is_virgl_on(&eglinfo::opengl(&self.stage, Road::Native)?) {
            return Err(Error::Rule(format!("the client did not see virgl: {seen}")));
        }
        Ok(Row::seen(format!("{} {}", seen.renderer, seen.core)))
    }

    fn own(&self) -> Result<Row> {
        println!("  vulkan-client");
        let drawn = own::compare(&self.stage, &self.workspace, Profile::Dev)?;
        copy_pictures(&drawn, &self.pictures.join("vulkan-client"))?;
        let seen = vulkaninfo::summary(&self.stage, Road::Paravane)?;
        // A difference is an error, which says which scene.
        Ok(Row::seen(seen.device).with_picture(Likeness::Same))
    }

    fn vkmark(&self, scene: &str) -> Result<Row> {
        let row = self.race(scene, Road::Paravane, |road| {
            let score = vkmark::run(&self.stage, road, scene, self.options.seconds)?;
            Ok((score.device, score.fps))
        })?;
        let verdict = vkmark::compare(&self.stage, scene)?;
        verdict.write_pngs(&self.pictures, &format!("vkmark-{scene}"))?;
        Ok(row.with_picture(verdict.likeness()))
    }

    fn glmark2(&self, scene: &str) -> Result<Row> {
        let row = self.race(scene, Road::Virgl, |road| {
            let score = glmark2::run(&self.stage, road, scene, self.options.seconds)?;
            Ok((score.renderer, score.fps))
        })?;
        let verdict = glmark2::compare(&self.stage, scene)?;
        verdict.write_pngs(&self.pictures, &format!("glmark2-{scene}"))?;
        Ok(row.with_picture(verdict.likeness()))
    }

    /// Rounds natively and by `through` in turn, so that what else the machine does hits both
    /// alike. `run` returns the driver that the program saw, and frames a second.
    fn race(
        &self,
        scene: &str,
        through: Road,
        run: impl Fn(Road) -> Result<(String, f64)>,
    ) -> Result<Row> {
        let (mut natively, mut here) = (Vec::new(), Vec::new());
        let mut seen = String::new();
        for round in 1..=self.options.rounds {
            natively.push(run(Road::Native)?.1);
            let (driver, fps) = run(through)?;
            here.push(fps);
            seen = driver;
            println!("  {scene}: round {round} of {}", self.options.rounds);
        }
        Ok(Row::seen(seen).with_speeds(median(natively), median(here)))
    }
}

fn copy_pictures(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(Error::io("create", to))?;
    for entry in fs::read_dir(from).map_err(Error::io("read", from))? {
        let path = entry.map_err(Error::io("read", from))?.path();
        let name = path.file_name().unwrap_or_default();
        if path.extension().is_some_and(|ending| ending == "png") {
            fs::copy(&path, to.join(name)).map_err(Error::io("copy", &path))?;
        }
    }
    Ok(())
}

/// The middle value; of an even number, the lower of the two.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0]), 1.0);
        assert!(median(vec![]).is_nan());
    }
}
