//! Which profile a number means. A guest's Mesa numbers them as its own
//! `enum pipe_video_profile`, which nobody promised to keep: values were inserted behind 20.

use crate::video::VideoProfile;

/// A codec: profiles of one have the same description of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// MPEG-1 and MPEG-2.
    Mpeg12,
    /// MPEG-4 part 2.
    Mpeg4,
    /// VC-1.
    Vc1,
    /// H.264.
    H264,
    /// HEVC.
    Hevc,
    /// JPEG.
    Jpeg,
    /// VP9.
    Vp9,
    /// AV1.
    Av1,
}

impl Codec {
    /// All of them; each has a description for decoding.
    pub const ALL: [Self; 8] = [
        Self::Mpeg12,
        Self::Mpeg4,
        Self::Vc1,
        Self::H264,
        Self::Hevc,
        Self::Jpeg,
        Self::Vp9,
        Self::Av1,
    ];
}

/// Who numbers the profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProfileTable {
    /// `src/gallium/include/pipe/p_video_enums.h` of virglrenderer 1.3, and of Mesa before it
    /// had HEVC's profiles with 4:2:2.
    First,
    /// The same file of later Mesa.
    Second,
}

impl ProfileTable {
    /// Both tables.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];
}

macro_rules! profiles {
    ($($name:ident $codec:ident $first:tt $second:tt $wire:literal,)*) => {
        /// What a number means (`PIPE_VIDEO_PROFILE_*`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Profile {
            $(#[doc = concat!("`PIPE_VIDEO_PROFILE_", $wire, "`")] $name,)*
        }

        impl Profile {
            /// Every profile.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its codec.
            pub const fn codec(self) -> Codec {
                match self {
                    $(Self::$name => Codec::$codec,)*
                }
            }

            /// Its number in each table; none where the table lacks it.
            const fn numbers(self) -> [Option<u32>; 2] {
                match self {
                    $(Self::$name => [profiles!(@ $first), profiles!(@ $second)],)*
                }
            }
        }
    };
    (@ -) => { None };
    (@ $number:literal) => { Some($number) };
}

profiles! {
    Mpeg1 Mpeg12 1 1 "MPEG1",
    Mpeg2Simple Mpeg12 2 2 "MPEG2_SIMPLE",
    Mpeg2Main Mpeg12 3 3 "MPEG2_MAIN",
    Mpeg4Simple Mpeg4 4 4 "MPEG4_SIMPLE",
    Mpeg4AdvancedSimple Mpeg4 5 5 "MPEG4_ADVANCED_SIMPLE",
    Vc1Simple Vc1 6 6 "VC1_SIMPLE",
    Vc1Main Vc1 7 7 "VC1_MAIN",
    Vc1Advanced Vc1 8 8 "VC1_ADVANCED",
    H264Baseline H264 9 9 "MPEG4_AVC_BASELINE",
    H264ConstrainedBaseline H264 10 10 "MPEG4_AVC_CONSTRAINED_BASELINE",
    H264Main H264 11 11 "MPEG4_AVC_MAIN",
    H264Extended H264 12 12 "MPEG4_AVC_EXTENDED",
    H264High H264 13 13 "MPEG4_AVC_HIGH",
    H264High10 H264 14 14 "MPEG4_AVC_HIGH10",
    H264High422 H264 15 15 "MPEG4_AVC_HIGH422",
    H264High444 H264 16 16 "MPEG4_AVC_HIGH444",
    HevcMain Hevc 17 17 "HEVC_MAIN",
    HevcMain10 Hevc 18 18 "HEVC_MAIN_10",
    HevcMainStill Hevc 19 19 "HEVC_MAIN_STILL",
    HevcMain12 Hevc 20 20 "HEVC_MAIN_12",
    HevcMain10_444 Hevc - 21 "HEVC_MAIN10_444",
    HevcMain422 Hevc - 22 "HEVC_MAIN_422",
    HevcMain10_422 Hevc - 23 "HEVC_MAIN10_422",
    HevcMain444 Hevc 21 24 "HEVC_MAIN_444",
    JpegBaseline Jpeg 22 25 "JPEG_BASELINE",
    Vp9Profile0 Vp9 23 26 "VP9_PROFILE0",
    Vp9Profile2 Vp9 24 27 "VP9_PROFILE2",
    Av1Main Av1 25 28 "AV1_MAIN",
    Av1Profile2 Av1 - 29 "AV1_PROFILE2",
}

impl Profile {
    /// Its number in a table, if it has one there.
    pub const fn number(self, table: ProfileTable) -> Option<VideoProfile> {
        let [first, second] = self.numbers();
        let number = match table {
            ProfileTable::First => first,
            ProfileTable::Second => second,
        };
        match number {
            Some(number) => Some(VideoProfile(number)),
            None => None,
        }
    }
}

impl VideoProfile {
    /// What the number means in a table, if anything.
    pub fn profile(self, table: ProfileTable) -> Option<Profile> {
        let mut profiles = Profile::ALL.iter().copied();
        profiles.find(|profile| profile.number(table) == Some(self))
    }

    /// The one meaning that the number has: `None` if it has none, or if the tables disagree.
    /// Then only the bitstream can tell.
    pub fn undisputed(self) -> Option<Profile> {
        let [first, second] = ProfileTable::ALL.map(|table| self.profile(table));
        match (first, second) {
            (Some(first), Some(second)) => (first == second).then_some(first),
            (one, other) => one.or(other),
        }
    }
}
