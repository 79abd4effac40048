//! A picture whose headers were written anew decodes to the same.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::Command;

use bitstream::jpeg::{Component, Headers, HuffmanTable, TableClass};

/// Runs FFmpeg.
fn ffmpeg(arguments: &str, folder: &Path) {
    let arguments = arguments.split(' ');
    let status = Command::new("ffmpeg")
        .args(["-v", "error"])
        .args(arguments)
        .current_dir(folder)
        .status()
        .expect("ffmpeg starts; install the package `ffmpeg`");
    assert!(status.success(), "{status}");
}

/// What the headers of a picture say, and where its scan begins.
fn read(picture: &[u8]) -> (Headers, usize) {
    let mut headers = Headers {
        width: 0,
        height: 0,
        quantization: Vec::new(),
        huffman: Vec::new(),
        components: Vec::new(),
        restart_interval: 0,
    };
    let mut at = 2;
    loop {
        let length = usize::from(u16::from_be_bytes([picture[at + 2], picture[at + 3]]));
        let contents = &picture[at + 4..at + 2 + length];
        read_segment(&mut headers, picture[at + 1], contents);
        let marker = picture[at + 1];
        at += 2 + length;
        if marker == 0xda {
            return (headers, at);
        }
    }
}

fn read_segment(headers: &mut Headers, marker: u8, mut contents: &[u8]) {
    match marker {
        0xdb => {
            for table in contents.as_chunks::<65>().0 {
                let values = table[1..].try_into().expect("64 values");
                headers.quantization.push((table[0], values));
            }
        }
        0xc4 => {
            while let Some((head, rest)) = contents.split_first() {
                let class = [TableClass::Dc, TableClass::Ac][usize::from(head >> 4)];
                let (counts, values) = rest.split_first_chunk().expect("counts");
                let codes = counts.iter().copied().map(usize::from).sum::<usize>();
                let table = HuffmanTable::new(class, head & 15, *counts, values);
                headers.huffman.push(table.expect("a table"));
                contents = &values[codes..];
            }
        }
        0xc0 => {
            headers.height = u16::from_be_bytes([contents[1], contents[2]]);
            headers.width = u16::from_be_bytes([contents[3], contents[4]]);
            let components = contents[6..].as_chunks::<3>().0;
            headers.components = components.iter().map(|it| component(*it)).collect();
        }
        0xda => {
            let selectors = contents[1..].as_chunks::<2>().0;
            for (component, [id, tables]) in headers.components.iter_mut().zip(selectors) {
                assert_eq!(component.id, *id);
                (component.dc_table, component.ac_table) = (tables >> 4, tables & 15);
            }
        }
        0xdd => headers.restart_interval = u16::from_be_bytes([contents[0], contents[1]]),
        _ => {}
    }
}

fn component([id, sampling, quantization]: [u8; 3]) -> Component {
    Component {
        id,
        horizontal_sampling: sampling >> 4,
        vertical_sampling: sampling & 15,
        quantization,
        dc_table: 0,
        ac_table: 0,
    }
}

#[test]
fn a_picture_with_new_headers_decodes_to_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name| folder.path().join(name);
    for format in ["yuvj420p", "yuvj422p", "yuvj444p", "gray"] {
        let source = "-y -f lavfi -i testsrc=size=321x193 -frames:v 1 -pix_fmt";
        ffmpeg(&format!("{source} {format} first.jpg"), folder.path());
        let first = std::fs::read(path("first.jpg")).expect("a picture");
        let (headers, scan) = read(&first);
        let second = [&headers.bytes(), &first[scan..]].concat();
        assert_ne!(first, second, "comments are not written again");
        assert_eq!(read(&second).0, headers);
        std::fs::write(path("second.jpg"), second).expect("room");
        for name in ["first", "second"] {
            let decode = format!("-y -i {name}.jpg -f rawvideo {name}.raw");
            ffmpeg(&decode, folder.path());
        }
        let [first, second] = ["first.raw", "second.raw"].map(|name| std::fs::read(path(name)));
        let first = first.expect("pixels");
        assert!(first.len() >= 321 * 193, "{format}");
        assert_eq!(first, second.expect("pixels"), "{format}");
    }
}

#[test]
fn segments_byte_for_byte() {
    let mut counts = [0; 16];
    counts[0] = 2;
    let table = HuffmanTable::new(TableClass::Ac, 1, counts, &[5, 6, 7]).expect("a table");
    let headers = Headers {
        width: 0x102,
        height: 0x304,
        quantization: Vec::new(),
        huffman: vec![table],
        components: vec![Component {
            ac_table: 1,
            ..component([9, 0x21, 3])
        }],
        restart_interval: 8,
    };
    let frame = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 3, 4, 1, 2, 1, 9, 0x21, 3];
    let huffman = [&[0xff, 0xc4, 0, 21, 0x11, 2], [0; 15].as_slice(), &[5, 6]].concat();
    let scan = [0xff, 0xdd, 0, 4, 0, 8, 0xff, 0xda, 0, 8, 1, 9, 1, 0, 63, 0];
    assert_eq!(
        headers.bytes(),
        [&frame, huffman.as_slice(), &scan].concat()
    );
}

#[test]
fn a_table_has_a_value_for_every_code() {
    let table = |counts, values| HuffmanTable::new(TableClass::Dc, 0, counts, values);
    assert!(table([1; 16], &[0; 15]).is_none());
    assert!(table([17; 16], &[0; 400]).is_none());
    assert!(table([16; 16], &[0; 256]).is_some());
}
