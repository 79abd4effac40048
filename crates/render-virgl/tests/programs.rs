//! Programs that are kept on disk: across renderers, and when files are damaged.
#![allow(missing_docs, reason = "tests")]

mod common;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use common::scene::Scene;
use host_gl::{ApiChoice, ContextConfig};
use render_virgl::{Config, Renderer};

const CORNERS: [[f32; 4]; 4] = [
    [-1.0, -1.0, 0.0, 1.0],
    [1.0, -1.0, 0.0, 1.0],
    [-1.0, 1.0, 0.0, 1.0],
    [1.0, 1.0, 0.0, 1.0],
];

fn draw(api: ApiChoice, folder: Option<&Path>) {
    let renderer = Renderer::new(&Config {
        context: ContextConfig { api, debug: true },
        program_cache: folder.map(Path::to_owned),
        ..Config::default()
    })
    .unwrap();
    let mut scene = Scene::new(&renderer, CORNERS);
    scene.clear();
    scene.color([0.0, 1.0, 0.0, 1.0]);
    scene.draw();
    assert_eq!(scene.picture(), ["gggggggg"; 8]);
}

/// The one program in the folder.
fn program(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let file = files.next().unwrap();
    assert_eq!(files.next(), None);
    file
}

fn make_old(file: &Path) -> SystemTime {
    let old = SystemTime::now() - Duration::from_secs(1000);
    File::open(file).unwrap().set_modified(old).unwrap();
    old
}

#[test]
fn a_program_is_kept_and_used_again() {
    for api in [ApiChoice::Core, ApiChoice::Es] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("programs");
        draw(api, Some(&folder));
        let file = program(&folder);
        let (kept, old) = (fs::read(&file).unwrap(), make_old(&file));
        draw(api, Some(&folder));
        assert_eq!(program(&folder), file);
        assert_eq!(fs::read(&file).unwrap(), kept);
        // Only a program that the driver took is noted as used, and is not written again.
        let used = fs::metadata(&file).unwrap().modified().unwrap();
        assert!(used > old + Duration::from_secs(500), "{api:?}");
    }
}

#[test]
fn damaged_files_and_refused_programs_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    draw(ApiChoice::Core, Some(folder.path()));
    let file = program(folder.path());
    let kept = fs::read(&file).unwrap();
    let end = kept.len() - blake3::OUT_LEN;
    let spoilt = |spoil: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = kept.clone();
        spoil(&mut bytes);
        fs::write(&file, &bytes).unwrap();
        draw(ApiChoice::Core, Some(folder.path()));
        assert_eq!(program(folder.path()), file);
        assert_eq!(fs::read(&file).unwrap().len(), kept.len());
        assert_ne!(fs::read(&file).unwrap(), bytes);
    };
    spoilt(&|bytes| bytes.truncate(100));
    spoilt(&|bytes| bytes.clear());
    spoilt(&|bytes| bytes[end - 10] ^= 1);
    // Whole, but of no driver: only the driver sees that.
    spoilt(&|bytes| {
        bytes[48..end].fill(0x5a);
        let checksum = blake3::hash(&bytes[..end]);
        bytes[end..].copy_from_slice(checksum.as_bytes());
    });
}

#[test]
fn a_folder_is_made_with_the_first_program_and_for_no_one_else() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("cache/programs");
    let config = Config {
        program_cache: Some(folder.clone()),
        ..Config::default()
    };
    drop(Scene::new(&Renderer::new(&config).unwrap(), CORNERS));
    assert!(!folder.exists());
    draw(ApiChoice::Auto, Some(&folder));
    assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    assert_eq!(
        fs::metadata(program(&folder)).unwrap().mode() & 0o777,
        0o600
    );
}

#[test]
fn without_a_folder_nothing_is_written_and_with_a_bad_one_pictures_are_the_same() {
    draw(ApiChoice::Core, None);
    let folder = tempfile::tempdir().unwrap();
    let not_a_folder = folder.path().join("file");
    fs::write(&not_a_folder, b"x").unwrap();
    draw(ApiChoice::Core, Some(&not_a_folder));
    assert_eq!(fs::read(&not_a_folder).unwrap(), b"x");
}

/// A fragment shader of some length that is like no other.
fn fragment(number: u32) -> String {
    let mut text = format!(
        "FRAG\nDCL OUT[0], COLOR\nDCL CONST[0][0]\nDCL TEMP[0..3]\n\
         IMM[0] FLT32 {{0.5, {number}.25, 0.0, 1.0}}\nIMM[1] UINT32 {{0, 1, 16, 0}}\n\
         0: MOV TEMP[0], CONST[0][0]\n  1: MOV TEMP[1].x, IMM[1].xxxx\n  2: BGNLOOP\n\
         3: USGE TEMP[2].x, TEMP[1].xxxx, IMM[1].zzzz\n  4: UIF TEMP[2].xxxx\n  5: BRK\n\
         6: ENDIF\n"
    );
    let mut line = 7;
    for step in 0..20 {
        let (to, from) = (step % 2, (step + 1) % 2);
        text += &format!("{line}: MAD TEMP[3], TEMP[{from}], IMM[0].xyxy, TEMP[{to}]\n");
        text += &format!("{}: SIN TEMP[3].y, TEMP[3].xxxx\n", line + 1);
        text += &format!("{}: LRP TEMP[0], IMM[0].xxxx, TEMP[3], TEMP[0]\n", line + 2);
        line += 3;
    }
    text += &format!(
        "{line}: UADD TEMP[1].x, TEMP[1].xxxx, IMM[1].yyyy\n{}: ENDLOOP\n\
         {}: MAD OUT[0], TEMP[0], IMM[0].zzzz, CONST[0][0]\n{}: END\n",
        line + 1,
        line + 2,
        line + 3
    );
    text
}

/// Programs at once; `PARAVANE_PROGRAMS=1000` measures what keeping them saves.
fn programs() -> u32 {
    let number = std::env::var("PARAVANE_PROGRAMS").ok();
    number.and_then(|text| text.parse().ok()).unwrap_or(20)
}

#[test]
fn many_programs_are_each_written_once() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let mut before = None;
    for (round, folder) in [
        ("none kept", None),
        ("first", Some(&folder)),
        ("again", Some(&folder)),
    ] {
        let started = std::time::Instant::now();
        let renderer = Renderer::new(&Config {
            program_cache: folder.map(|folder| folder.path().to_owned()),
            ..Config::default()
        })
        .unwrap();
        let mut scene = Scene::new(&renderer, CORNERS);
        scene.color([0.0, 1.0, 0.0, 1.0]);
        for number in 0..programs() {
            scene.shader(wire_virgl::ShaderStage::Fragment, &fragment(number));
            scene.draw();
        }
        assert_eq!(scene.picture(), ["gggggggg"; 8]);
        let (renderer, time) = (renderer.description(), started.elapsed());
        println!("{renderer}: {} programs, {round}: {time:?}", programs());
        let Some(folder) = folder else { continue };
        let files = fs::read_dir(folder.path()).unwrap();
        let mut files: Vec<_> = files
            .map(|file| file.unwrap())
            .map(|file| (file.file_name(), file.metadata().unwrap().ino()))
            .collect();
        files.sort();
        assert_eq!(files.len(), programs() as usize);
        // Those that were used are the files that they were.
        assert_eq!(before.get_or_insert(files.clone()), &files);
    }
}
