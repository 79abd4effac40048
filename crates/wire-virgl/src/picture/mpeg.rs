//! MPEG-1, MPEG-2, MPEG-4 part 2 and VC-1 pictures to decode.

use crate::ids::VideoBufferId;
use crate::limits::MAX_SLICES;
use crate::picture::{PictureBase, layout::structures};

structures! {
    /// An MPEG-1 or MPEG-2 picture (`struct virgl_mpeg12_picture_desc`). Names are those of
    /// ISO/IEC 13818-2, 6.2.3. Mesa leaves the two of MPEG-1's vectors and the count of slices
    /// unwritten.
    pub struct Mpeg12Picture {
        pub base: PictureBase,
        pub picture_coding_type: u32 => ..=4,
        pub picture_structure: u32 => ..=3,
        pub frame_pred_frame_dct: bool as u32,
        pub q_scale_type: bool as u32,
        pub alternate_scan: bool as u32,
        pub intra_vlc_format: bool as u32,
        pub concealment_motion_vectors: bool as u32,
        pub intra_dc_precision: u32 => ..=3,
        /// Forward and backward, horizontal and vertical; one less than in the bitstream, as
        /// VA-API has it: 14 is "unused".
        pub f_code: [[u32; 2]; 2],
        pub top_field_first: bool as u32,
        pub full_pel_forward_vector: bool as u32,
        pub full_pel_backward_vector: bool as u32,
        pub num_slices: u32,
        /// In the order of rows.
        pub intra_matrix: [u8; 64],
        /// In the order of rows.
        pub non_intra_matrix: [u8; 64],
        /// `ref`: forward and backward.
        pub references: [Option<VideoBufferId>; 2],
    }

    /// An MPEG-4 part 2 picture (`struct virgl_mpeg4_picture_desc`). Names are those of
    /// ISO/IEC 14496-2, 6.2.5.
    pub struct Mpeg4Picture {
        pub base: PictureBase,
        pub trd: [i32; 2],
        pub trb: [i32; 2],
        pub vop_time_increment_resolution: u16,
        pub vop_coding_type: u8 => ..=3,
        pub vop_fcode_forward: u8 => ..=7,
        pub vop_fcode_backward: u8 => ..=7,
        pub resync_marker_disable: bool,
        pub interlaced: bool,
        pub quant_type: bool,
        pub quarter_sample: bool,
        pub short_video_header: bool,
        pub rounding_control: bool,
        pub alternate_vertical_scan_flag: bool,
        pub top_field_first: bool,
        pub intra_matrix: [u8; 64],
        pub non_intra_matrix: [u8; 64]; 3 unused,
        /// `ref`: forward and backward.
        pub references: [Option<VideoBufferId>; 2],
    }

    /// A VC-1 picture (`struct virgl_vc1_picture_desc`). Names are those of SMPTE 421M. Mesa
    /// leaves the coding mode and the flag of postprocessing unwritten.
    pub struct Vc1Picture {
        pub base: PictureBase,
        pub slice_count: u32 => ..=MAX_SLICES,
        pub picture_type: u8,
        pub frame_coding_mode: u8,
        pub postprocflag: bool,
        pub pulldown: bool,
        pub interlace: bool,
        pub tfcntrflag: bool,
        pub finterpflag: bool,
        pub psf: bool,
        pub dquant: u8 => ..=3,
        pub panscan_flag: bool,
        pub refdist_flag: bool,
        pub quantizer: u8 => ..=3,
        pub extended_mv: bool,
        pub extended_dmv: bool,
        pub overlap: bool,
        pub vstransform: bool,
        pub loopfilter: bool,
        pub fastuvmc: bool,
        pub range_mapy_flag: bool,
        pub range_mapy: u8 => ..=7,
        pub range_mapuv_flag: bool,
        pub range_mapuv: u8 => ..=7,
        pub multires: bool,
        pub syncmarker: bool,
        pub rangered: bool,
        pub maxbframes: u8 => ..=7,
        /// `deblockEnable`
        pub deblock_enable: bool,
        pub pquant: u8 => ..=31,
        /// `ref`: forward and backward.
        pub references: [Option<VideoBufferId>; 2],
    }
}
