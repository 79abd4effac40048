//! Bytes into textures and buffers, and out of them.

use std::hint::black_box;

use super::Step;
use crate::error::Result;
use crate::gl::Gl;

/// Of square textures of RGBA8: 4 KiB to 64 MiB. A buffer has as many bytes.
pub(super) const SIDES: [i32; 8] = [32, 64, 128, 256, 512, 1024, 2048, 4096];

/// Bytes after which the driver is waited for, if one transfer has fewer.
const BATCH: usize = 1 << 20;

/// Textures or buffers that are written in turn, as a program that streams does.
const RING: usize = 4;

/// The size's name.
pub(super) fn size(side: i32) -> String {
    match bytes(side) >> 10 {
        kib @ ..1024 => format!("{kib} KiB"),
        kib => format!("{} MiB", kib >> 10),
    }
}

/// Writes whole textures.
pub(super) fn texture_uploads(gl: &Gl, side: i32) -> Result<Step<'_>> {
    let texture = |_| gl.texture(glow::RGBA8, 1, side);
    let textures = (0..RING).map(texture).collect::<Result<Vec<_>>>()?;
    let texels = vec![0x5a; bytes(side)];
    Ok(batches(gl, side, move |number| {
        gl.bind_texture(glow::TEXTURE_2D, Some(textures[number % RING]));
        gl.upload(glow::TEXTURE_2D, 0, [0, 0, side, side], &texels);
    }))
}

/// Reads a framebuffer, which has been drawn to before each.
pub(super) fn texture_downloads(gl: &Gl, side: i32) -> Result<Step<'_>> {
    gl.target_of(side)?;
    gl.enable(glow::SCISSOR_TEST);
    gl.scissor(0, 0, 1, 1);
    let mut texels = vec![0; bytes(side)];
    Ok(batches(gl, side, move |_| {
        gl.clear(glow::COLOR_BUFFER_BIT);
        gl.download([0, 0, side, side], &mut texels);
        black_box(&texels);
    }))
}

/// Writes whole buffers.
pub(super) fn buffer_uploads(gl: &Gl, side: i32) -> Result<Step<'_>> {
    let contents = vec![0x5a; bytes(side)];
    let buffer = |_| gl.buffer(glow::COPY_WRITE_BUFFER, &contents);
    let buffers = (0..RING).map(buffer).collect::<Result<Vec<_>>>()?;
    Ok(batches(gl, side, move |number| {
        gl.bind_buffer(glow::COPY_WRITE_BUFFER, Some(buffers[number % RING]));
        gl.buffer_sub_data(glow::COPY_WRITE_BUFFER, 0, &contents);
    }))
}

/// Reads a buffer, into which some bytes have been copied before each.
pub(super) fn buffer_downloads(gl: &Gl, side: i32) -> Result<Step<'_>> {
    gl.buffer(glow::COPY_READ_BUFFER, &[0x3c; 64])?;
    gl.buffer(glow::COPY_WRITE_BUFFER, &vec![0x5a; bytes(side)])?;
    let mut contents = vec![0; bytes(side)];
    Ok(batches(gl, side, move |_| {
        let (from, to) = (glow::COPY_READ_BUFFER, glow::COPY_WRITE_BUFFER);
        gl.copy_buffer_sub_data(from, to, 0, 0, 64);
        gl.read_buffer_data(to, &mut contents);
        black_box(&contents);
    }))
}

/// A step of at least [`BATCH`] bytes; `transfer` gets a number that counts up.
fn batches<'a>(gl: &'a Gl, side: i32, mut transfer: impl FnMut(usize) + 'a) -> Step<'a> {
    let count = (BATCH / bytes(side)).max(1);
    let mib = (count * bytes(side)) as f64 / f64::from(1 << 20);
    let mut number = 0;
    Box::new(move || {
        for _ in 0..count {
            transfer(number);
            number += 1;
        }
        gl.finish();
        Ok(mib)
    })
}

fn bytes(side: i32) -> usize {
    let side = usize::try_from(side).unwrap_or_default();
    side * side * 4
}

#[cfg(test)]
mod tests {
    use super::{SIDES, size};

    #[test]
    fn sizes_have_names() {
        let names = SIDES.map(size);
        assert_eq!(names[0], "4 KiB");
        assert_eq!(names[3], "256 KiB");
        assert_eq!(names[4], "1 MiB");
        assert_eq!(names[7], "64 MiB");
    }
}
