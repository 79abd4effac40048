//! JPEG pictures to decode. Names are those of VA-API (`va_dec_jpeg.h`), for the parts of
//! ITU-T T.81, annex B.

use wire::ParseError;

use crate::codec::check_limit;
use crate::limits::{
    MAX_JPEG_AC_VALUES, MAX_JPEG_COMPONENTS, MAX_JPEG_DC_VALUES, MAX_JPEG_SAMPLING_FACTOR,
};
use crate::picture::{PictureBase, layout::structures};

structures! {
    /// A component of a frame.
    #[derive(Copy)]
    pub struct JpegComponent {
        pub component_id: u8,
        pub h_sampling_factor: u8,
        pub v_sampling_factor: u8,
        pub quantiser_table_selector: u8,
    }

    /// The frame header's contents.
    pub struct JpegFrame {
        pub picture_width: u16,
        pub picture_height: u16,
        /// As many as `num_components`; the rest has no meaning.
        pub components: [JpegComponent; 255],
        pub crop_x: u16,
        pub crop_y: u16,
        pub crop_width: u16,
        pub crop_height: u16,
        pub num_components: u8 => ..=MAX_JPEG_COMPONENTS; 1 unused,
    }
    check check_components;

    /// The quantization tables' contents.
    pub struct JpegQuantization {
        pub load_quantiser_table: [bool; 4],
        /// In zigzag order.
        pub quantiser_table: [[u8; 64]; 4],
    }

    /// A pair of Huffman tables: of differences, and of coefficients.
    pub struct JpegHuffmanTable {
        /// Codes by their length less one.
        pub num_dc_codes: [u8; 16],
        pub dc_values: [u8; 12],
        /// Codes by their length less one.
        pub num_ac_codes: [u8; 16],
        pub ac_values: [u8; 162]; 2 unused,
    }

    /// The Huffman tables' contents.
    pub struct JpegHuffman {
        pub load_huffman_table: [bool; 2],
        /// `table[0]`
        pub first: JpegHuffmanTable,
        /// `table[1]`
        pub second: JpegHuffmanTable,
    }
    check check_codes;

    /// A component of a scan.
    #[derive(Copy)]
    pub struct JpegScanComponent {
        pub component_selector: u8,
        pub dc_table_selector: u8,
        pub ac_table_selector: u8,
    }

    /// The scan header's contents, and where the scan is.
    pub struct JpegScan {
        pub slice_data_size: u32,
        pub slice_data_offset: u32,
        pub slice_data_flag: u32,
        pub slice_horizontal_position: u32,
        pub slice_vertical_position: u32,
        /// As many as `num_components`; the rest has no meaning.
        pub components: [JpegScanComponent; 4],
        pub num_components: u8 => ..=MAX_JPEG_COMPONENTS; 1 unused,
        pub restart_interval: u16,
        pub num_mcus: u32,
    }
    check check_components;

    /// A picture (`struct virgl_mjpeg_picture_desc`).
    pub struct JpegPicture {
        pub base: PictureBase,
        /// `picture_parameter`
        pub frame: JpegFrame,
        /// `quantization_table`
        pub quantization: JpegQuantization,
        /// `huffman_table`
        pub huffman: JpegHuffman,
        /// `slice_parameter`
        pub scan: JpegScan,
    }
}

impl JpegFrame {
    /// The components that there are.
    pub fn components(&self) -> impl Iterator<Item = &JpegComponent> {
        self.components.iter().take(self.num_components.into())
    }

    fn check_components(&self) -> Result<(), ParseError> {
        for component in self.components() {
            let factors = [component.h_sampling_factor, component.v_sampling_factor];
            for factor in factors {
                check_limit("a sampling factor", factor.into(), MAX_JPEG_SAMPLING_FACTOR)?;
            }
            let table = component.quantiser_table_selector;
            check_limit("a quantization table's number", table.into(), 3)?;
        }
        Ok(())
    }
}

impl JpegScan {
    /// The components that there are.
    pub fn components(&self) -> impl Iterator<Item = &JpegScanComponent> {
        self.components.iter().take(self.num_components.into())
    }

    fn check_components(&self) -> Result<(), ParseError> {
        for component in self.components() {
            for table in [component.dc_table_selector, component.ac_table_selector] {
                check_limit("a Huffman table's number", table.into(), 1)?;
            }
        }
        Ok(())
    }
}

impl JpegHuffman {
    /// The tables that the picture brings, with their numbers.
    pub fn tables(&self) -> impl Iterator<Item = (u8, &JpegHuffmanTable)> {
        let all = [(0, &self.first), (1, &self.second)];
        let loaded = all.into_iter().zip(self.load_huffman_table);
        loaded.filter_map(|(table, load)| load.then_some(table))
    }

    /// No more codes than there is room for values.
    fn check_codes(&self) -> Result<(), ParseError> {
        for (_, table) in self.tables() {
            check_limit("DC codes", sum(&table.num_dc_codes), MAX_JPEG_DC_VALUES)?;
            check_limit("AC codes", sum(&table.num_ac_codes), MAX_JPEG_AC_VALUES)?;
        }
        Ok(())
    }
}

fn sum(counts: &[u8; 16]) -> u32 {
    counts.iter().copied().map(u32::from).sum()
}
