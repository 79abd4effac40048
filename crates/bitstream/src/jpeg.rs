//! The headers of a baseline JPEG picture (ITU-T T.81, annex B).

const START_OF_IMAGE: [u8; 2] = [0xff, 0xd8];
const START_OF_FRAME: u8 = 0xc0;
const HUFFMAN_TABLE: u8 = 0xc4;
const START_OF_SCAN: u8 = 0xda;
const QUANTIZATION_TABLE: u8 = 0xdb;
const RESTART_INTERVAL: u8 = 0xdd;

/// All that is in front of a picture's only scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// Quantization tables by number, below 4: values in zigzag order.
    pub quantization: Vec<(u8, [u8; 64])>,
    /// Huffman tables.
    pub huffman: Vec<HuffmanTable>,
    /// Components of the frame and of the scan: the first 255 are written, and no decoder takes
    /// more than 4.
    pub components: Vec<Component>,
    /// Units between restarts; 0 for none.
    pub restart_interval: u16,
}

/// A component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its number.
    pub id: u8,
    /// Samples in a unit, horizontally: 4 bits.
    pub horizontal_sampling: u8,
    /// Samples in a unit, vertically: 4 bits.
    pub vertical_sampling: u8,
    /// Its quantization table.
    pub quantization: u8,
    /// Its Huffman table of differences: 4 bits.
    pub dc_table: u8,
    /// Its Huffman table of coefficients: 4 bits.
    pub ac_table: u8,
}

/// What a Huffman table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TableClass {
    /// Differences of constant coefficients.
    Dc = 0,
    /// The other coefficients.
    Ac = 1,
}

/// A Huffman table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HuffmanTable {
    class: TableClass,
    number: u8,
    counts: [u8; 16],
    values: Vec<u8>,
}

impl HuffmanTable {
    /// A table by how many codes there are of each length, from 1 bit on, with their values; what
    /// follows the last value is left out. None if there are fewer values than codes, or more
    /// codes than a byte can number.
    pub fn new(class: TableClass, number: u8, counts: [u8; 16], values: &[u8]) -> Option<Self> {
        let codes = counts.iter().copied().map(usize::from).sum();
        let values = values.get(..codes)?.to_vec();
        (codes <= 256).then_some(Self {
            class,
            number,
            counts,
            values,
        })
    }
}

impl Headers {
    /// Their bytes, from the start of the image to that of the scan.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = START_OF_IMAGE.to_vec();
        for (number, values) in &self.quantization {
            let contents = [&[number & 0xf], values.as_slice()].concat();
            segment(&mut bytes, QUANTIZATION_TABLE, &contents);
        }
        segment(&mut bytes, START_OF_FRAME, &self.frame());
        for table in &self.huffman {
            let head = [(table.class as u8) << 4 | (table.number & 0xf)];
            let contents = [&head, table.counts.as_slice(), &table.values].concat();
            segment(&mut bytes, HUFFMAN_TABLE, &contents);
        }
        if self.restart_interval != 0 {
            let interval = self.restart_interval.to_be_bytes();
            segment(&mut bytes, RESTART_INTERVAL, &interval);
        }
        segment(&mut bytes, START_OF_SCAN, &self.scan());
        bytes
    }

    fn frame(&self) -> Vec<u8> {
        let bits_a_sample = 8;
        let ([y1, y0], [x1, x0]) = (self.height.to_be_bytes(), self.width.to_be_bytes());
        let components = self.components.iter().take(u8::MAX.into());
        let mut frame = vec![bits_a_sample, y1, y0, x1, x0, components.len() as u8];
        for it in components {
            let sampling = it.horizontal_sampling << 4 | (it.vertical_sampling & 0xf);
            frame.extend([it.id, sampling, it.quantization]);
        }
        frame
    }

    fn scan(&self) -> Vec<u8> {
        let components = self.components.iter().take(u8::MAX.into());
        let mut scan = vec![components.len() as u8];
        for it in components {
            scan.extend([it.id, it.dc_table << 4 | (it.ac_table & 0xf)]);
        }
        let (first_coefficient, last_coefficient, approximation) = (0, 63, 0);
        scan.extend([first_coefficient, last_coefficient, approximation]);
        scan
    }
}

/// A marker, the segment's length with itself, and its contents, which are never too long here.
fn segment(bytes: &mut Vec<u8>, marker: u8, contents: &[u8]) {
    let length = u16::try_from(contents.len().saturating_add(2)).unwrap_or(u16::MAX);
    bytes.extend([0xff, marker]);
    bytes.extend(length.to_be_bytes());
    bytes.extend(contents);
}
