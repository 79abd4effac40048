use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The variables that lead a program's Vulkan to the server at `socket`, given what `var`
/// has for them now.
pub(crate) fn for_client(
    socket: &Path,
    icds: &[PathBuf],
    var: impl Fn(&str) -> Option<OsString>,
) -> Vec<(&'static str, OsString)> {
    let icds = join(icds.iter().map(|icd| icd.as_os_str()), ":");
    vec![
        ("VN_DEBUG", added(var("VN_DEBUG"), "vtest")),
        ("VTEST_SOCKET_NAME", socket.into()),
        // The new name, and the one that older loaders know.
        ("VK_DRIVER_FILES", icds.clone()),
        ("VK_ICD_FILENAMES", icds),
        ("MESA_VK_WSI_DEBUG", added(var("MESA_VK_WSI_DEBUG"), "sw")),
    ]
}

/// A list of options with one more.
fn added(list: Option<OsString>, option: &str) -> OsString {
    match list {
        Some(list) if !list.is_empty() => join([list.as_os_str(), option.as_ref()], ","),
        _ => option.into(),
    }
}

fn join<'a>(parts: impl IntoIterator<Item = &'a OsStr>, separator: &str) -> OsString {
    let mut joined = OsString::new();
    for part in parts {
        if !joined.is_empty() {
            joined.push(separator);
        }
        joined.push(part);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_added_and_drivers_replaced() {
        let var = |name: &str| match name {
            "VN_DEBUG" => Some("init".into()),
            "VK_DRIVER_FILES" => Some("/host.json".into()),
            "MESA_VK_WSI_DEBUG" => Some("".into()),
            _ => None,
        };
        let icds = ["/a.json".into(), "/b.json".into()];
        let expected = [
            ("VN_DEBUG", "init,vtest"),
            ("VTEST_SOCKET_NAME", "/run/socket"),
            ("VK_DRIVER_FILES", "/a.json:/b.json"),
            ("VK_ICD_FILENAMES", "/a.json:/b.json"),
            ("MESA_VK_WSI_DEBUG", "sw"),
        ];
        let expected = expected.map(|(name, value)| (name, value.into()));
        assert_eq!(for_client(Path::new("/run/socket"), &icds, var), expected);
    }
}
