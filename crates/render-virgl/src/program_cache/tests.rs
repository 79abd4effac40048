use std::path::Path;

use super::*;

fn cache(folder: &Path, limit: u64) -> ProgramCache {
    ProgramCache {
        folder: folder.to_owned(),
        driver: driver(&Caps::default()),
        used: AtomicU64::new(0),
        limit,
    }
}

fn key(cache: &ProgramCache, text: &str) -> Key {
    cache.key(&[(ShaderStage::Vertex, text)], &LinkOptions::default())
}

fn binary(size: usize) -> ProgramBinary {
    ProgramBinary {
        format: 0x875f,
        bytes: (0..size).map(|at| (at * 7) as u8).collect(),
    }
}

#[test]
fn what_was_kept_is_found_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(folder.path(), u64::MAX);
    let (one, other) = (key(&cache, "one"), key(&cache, "other"));
    assert_eq!(cache.find(&one), None);
    cache.write(&one, &binary(1000)).unwrap();
    assert_eq!(cache.find(&one), Some(binary(1000)));
    assert_eq!(cache.find(&other), None);
    // A file under another's name is not another's program.
    fs::rename(cache.path(&one), cache.path(&other)).unwrap();
    assert_eq!(cache.find(&other), None);
    assert!(!cache.path(&other).exists());
}

#[test]
fn every_part_of_a_program_is_in_its_name() {
    use ShaderStage::{Fragment, Vertex};
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(folder.path(), u64::MAX);
    let plain = LinkOptions::default();
    let streamed = |names: &[&'static std::ffi::CStr]| LinkOptions {
        streamed: names.to_vec(),
        ..LinkOptions::default()
    };
    let mut keys = vec![
        cache.key(&[(Vertex, "ab"), (Fragment, "c")], &plain),
        cache.key(&[(Vertex, "a"), (Fragment, "bc")], &plain),
        cache.key(&[(Fragment, "ab"), (Vertex, "c")], &plain),
        cache.key(&[(Vertex, "ab")], &plain),
        cache.key(&[(Vertex, "ab")], &streamed(&[c"x", c"y"])),
        cache.key(&[(Vertex, "ab")], &streamed(&[c"xy"])),
        cache.key(&[(Vertex, "ab")], &streamed(&[c"y", c"x"])),
        cache.key(
            &[(Vertex, "ab")],
            &LinkOptions {
                attributes: vec![(0, c"x")],
                ..LinkOptions::default()
            },
        ),
        cache.key(
            &[(Vertex, "ab")],
            &LinkOptions {
                outputs: vec![(0, 0, c"x")],
                ..LinkOptions::default()
            },
        ),
    ];
    let other = ProgramCache {
        driver: driver(&Caps {
            version_text: "another".into(),
            ..Caps::default()
        }),
        ..cache
    };
    keys.push(other.key(&[(Vertex, "ab")], &plain));
    for (at, one) in keys.iter().enumerate() {
        assert!(!keys[at + 1..].contains(one), "{at}");
    }
}

#[test]
fn a_damaged_file_is_no_program_wherever_the_damage_is() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(folder.path(), u64::MAX);
    let key = key(&cache, "one");
    let whole = frame(&key, &binary(50)).unwrap();
    assert_eq!(parse(&whole, &key), Some(binary(50)));
    for at in 0..whole.len() {
        let mut spoilt = whole.clone();
        spoilt[at] ^= 0x10;
        assert_eq!(parse(&spoilt, &key), None, "byte {at}");
        assert_eq!(parse(&whole[..at], &key), None, "cut at {at}");
    }
    let mut long = whole.clone();
    long.push(0);
    assert_eq!(parse(&long, &key), None);
    cache.write(&key, &binary(50)).unwrap();
    fs::write(cache.path(&key), &whole[..40]).unwrap();
    assert_eq!(cache.find(&key), None);
    assert!(
        !cache.path(&key).exists(),
        "it is there to be damaged again"
    );
    assert!(frame(&key, &binary(MAX_PROGRAM_BYTES as usize + 1)).is_err());
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    // Ten blocks.
    let cache = cache(folder.path(), 40_960);
    let keys: Vec<_> = (0..10).map(|n| key(&cache, &n.to_string())).collect();
    for (age, key) in keys.iter().enumerate() {
        cache.write(key, &binary(3000)).unwrap();
        let file = File::open(cache.path(key)).unwrap();
        let ago = Duration::from_secs(1000 - age as u64);
        file.set_modified(SystemTime::now() - ago).unwrap();
    }
    // The oldest is used again.
    assert!(cache.find(&keys[0]).is_some());
    cache.write(&key(&cache, "more"), &binary(3000)).unwrap();
    let there: Vec<_> = keys.iter().map(|key| cache.path(key).exists()).collect();
    let gone = there.iter().filter(|there| !**there).count();
    assert_eq!(gone, 4, "{there:?}");
    assert!(there[0] && !there[1] && !there[4] && there[5], "{there:?}");
    assert!(cache.used.load(Ordering::Relaxed) <= 30_720);
}

#[test]
fn what_was_left_unfinished_goes_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache(folder.path(), u64::MAX);
    let path = |name: &str| folder.path().join(name);
    for name in ["unfinished-old", "unfinished-new", "foreign"] {
        fs::write(path(name), b"x").unwrap();
    }
    let old = SystemTime::now() - 2 * STALE;
    for name in ["unfinished-old", "foreign"] {
        File::open(path(name)).unwrap().set_modified(old).unwrap();
    }
    cache.shrink().unwrap();
    assert!(!path("unfinished-old").exists());
    assert!(path("unfinished-new").exists() && path("foreign").exists());
}

#[test]
fn a_folder_that_others_write_to_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    check_owner(&fs::metadata(folder.path()).unwrap()).unwrap();
    for mode in [0o777, 0o770, 0o702] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        check_owner(&fs::metadata(folder.path()).unwrap()).unwrap_err();
    }
}
