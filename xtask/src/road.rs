//! What an OpenGL client's calls reach: the driver itself, or a virgl server in front of it.

use std::ffi::OsString;

const SERVE: &str = include_str!("road/serve.sh");

/// What a client's OpenGL calls reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Road {
    Native,
    Virglrenderer,
    Paravane,
}

impl Road {
    pub(crate) const ALL: [Self; 3] = [Self::Native, Self::Virglrenderer, Self::Paravane];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "natively",
            Self::Paravane => "through Paravane",
            Self::Virglrenderer => "through virglrenderer",
        }
    }

    /// The name in one word, for files.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Paravane => "paravane",
            Self::Virglrenderer => "virglrenderer",
        }
    }
}

/// How servers are started; paths are the room's.
pub(crate) struct Server {
    pub(crate) paravane: OsString,
    pub(crate) log: OsString,
    /// Whether it draws by the host's OpenGL ES.
    pub(crate) gles: bool,
}

impl Server {
    /// `words` by `road`, as the client of a server of its own if it leads to one.
    pub(crate) fn line(self, road: Road, words: Vec<OsString>) -> Vec<OsString> {
        let mut server = match road {
            Road::Native => return words,
            Road::Paravane => {
                let mut line = self.paravane;
                line.push(" vtest --virgl");
                line
            }
            Road::Virglrenderer => "virgl_test_server --multi-clients".into(),
        };
        if self.gles {
            server.push(" --use-gles");
        }
        let mut line: Vec<OsString> = ["sh", "-c", SERVE, "serve"].map(Into::into).into();
        line.extend([self.log, server]);
        line.extend(words);
        line
    }
}
