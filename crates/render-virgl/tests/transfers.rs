//! Pixels go in and come out again.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::{Guest, both, buffer, core, number, resource, texture, whole};
use context::{Box3d, Error, ResourceId, Transfer, TransferSource, TransferTarget};
use format::Format;
use render_virgl::{ApiChoice, BufferWrites, Config, ContextConfig, Renderer};
use wire_virgl::{
    BindFlags, CapsV2, Command, CopyTransfer3d, CopyTransferFlags, FormatNumber, InlineWrite,
    TextureTarget, Transfer3d, TransferDirection, TransferRegion,
};

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 31 % 253) as u8).collect()
}

#[test]
fn buffers_keep_their_bytes() {
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        let memory = guest.buffer(100, BindFlags::VERTEX_BUFFER);
        assert_eq!(guest.get(memory.id, &whole([100, 1, 1]), 100), [0; 100]);
        guest.put(memory.id, &whole([100, 1, 1]), &pattern(100));
        let part = Transfer {
            region: Box3d {
                x: 10,
                y: 0,
                z: 0,
                width: 5,
                height: 1,
                depth: 1,
            },
            offset: 2,
            ..whole([0; 3])
        };
        let bytes = guest.get(memory.id, &part, 8);
        assert_eq!(bytes[2..7], pattern(100)[10..15]);
        assert_eq!([bytes[0], bytes[1], bytes[7]], [0x5a; 3]);
    }
}

/// Values that every format keeps: no NaNs, no signs of zero, padding of zero.
fn texels(format: Format, len: usize) -> Vec<u8> {
    let description = format.description();
    let has_padding = format.name().contains('X') || description.is_float();
    let byte = |n: usize| {
        if has_padding {
            0
        } else {
            (n * 37 % 113) as u8 + 1
        }
    };
    (0..len).map(byte).collect()
}

#[test]
fn textures_of_every_format_keep_their_texels() {
    let mut guest = Guest::new(core());
    let capset = context::Renderer::capset(core(), context::CapsetId::VIRGL2, 2).unwrap();
    let capset = CapsV2::from_bytes(&capset).unwrap();
    let mut count = 0;
    for format in Format::all() {
        if !capset
            .v1
            .sampler
            .contains(FormatNumber::new(format.to_wire()).unwrap())
        {
            continue;
        }
        if format.gl().is_none() {
            // Stencil of another format, which only views show.
            continue;
        }
        let memory = guest.texture(format, 12, 12);
        let size = format.level_size(12, 12, 1).unwrap() as usize;
        let texels = texels(format, size);
        guest.put(memory.id, &whole([12, 12, 1]), &texels);
        let back = guest.pixels(memory.id, format, [12, 12, 1]);
        let description = format.description();
        let is_exact = description.has_stencil() == description.has_depth();
        assert!(!is_exact || back == texels, "{format}");
        count += 1;
    }
    assert!(count > 100, "{count} formats");
}

#[test]
fn textures_of_every_shape_keep_their_layers() {
    let shapes = [
        (TextureTarget::Texture1D, [9, 1, 1]),
        (TextureTarget::Texture2D, [9, 7, 1]),
        (TextureTarget::Texture3D, [9, 7, 5]),
        (TextureTarget::Cube, [7, 7, 6]),
        (TextureTarget::Rect, [9, 7, 1]),
        (TextureTarget::Texture1DArray, [9, 1, 5]),
        (TextureTarget::Texture2DArray, [9, 7, 5]),
        (TextureTarget::CubeArray, [7, 7, 12]),
    ];
    for renderer in both() {
        let mut guest = Guest::new(renderer);
        for (target, size) in shapes {
            let format = Format::B8G8R8A8_UNORM;
            let bytes = format.level_size(size[0], size[1], size[2]).unwrap();
            let memory = guest.resource(&texture(target, format, size), bytes);
            let written = pattern(bytes as usize);
            guest.put(memory.id, &whole(size), &written);
            assert_eq!(guest.pixels(memory.id, format, size), written, "{target:?}");
        }
    }
}

fn region(id: u32, width: u32, height: u32) -> TransferRegion {
    TransferRegion {
        resource: resource(id),
        level: 0,
        usage: 0,
        stride: 0,
        layer_stride: 0,
        region: wire_virgl::Box3d {
            x: 0,
            y: 0,
            z: 0,
            width,
            height,
            depth: 1,
        },
    }
}

#[test]
fn transfers_go_through_the_backing() {
    let mut guest = Guest::new(core());
    let memory = guest.texture(Format::R8G8B8A8_UNORM, 4, 4);
    memory.shm.write(0, &pattern(64)).unwrap();
    let mut transfer = Transfer3d {
        region: region(memory.id, 4, 4),
        offset: 0,
        direction: TransferDirection::ToHost,
    };
    guest.run(&[Command::Transfer3d(transfer), Command::EndTransfers]);
    assert_eq!(
        guest.pixels(memory.id, Format::R8G8B8A8_UNORM, [4, 4, 1]),
        pattern(64)
    );
    memory.shm.fill(0, 64, 0).unwrap();
    transfer.direction = TransferDirection::FromHost;
    guest.run(&[Command::Transfer3d(transfer)]);
    let mut bytes = [0; 64];
    memory.shm.read(0, &mut bytes).unwrap();
    assert_eq!(bytes.as_slice(), pattern(64));
}

#[test]
fn copy_transfers_go_through_staging() {
    let mut guest = Guest::new(core());
    let staging = guest.buffer(100, BindFlags::STAGING);
    let memory = guest.texture(Format::R8G8B8A8_UNORM, 4, 4);
    staging.shm.write(8, &pattern(64)).unwrap();
    let copy = CopyTransfer3d {
        region: region(memory.id, 4, 4),
        staging: resource(staging.id),
        staging_offset: 8,
        flags: CopyTransferFlags::SYNCHRONIZED,
    };
    guest.run(&[Command::CopyTransfer3d(copy)]);
    assert_eq!(
        guest.pixels(memory.id, Format::R8G8B8A8_UNORM, [4, 4, 1]),
        pattern(64)
    );
    let flags = CopyTransferFlags::READ_FROM_HOST;
    guest.run(&[Command::CopyTransfer3d(CopyTransfer3d {
        flags,
        staging_offset: 36,
        ..copy
    })]);
    let mut bytes = [0; 64];
    staging.shm.read(36, &mut bytes).unwrap();
    assert_eq!(bytes.as_slice(), pattern(64));
    // One byte too few.
    let beyond = CopyTransfer3d {
        staging_offset: 37,
        ..copy
    };
    assert_eq!(guest.failures(&[Command::CopyTransfer3d(beyond)]), 1);
}

/// Whichever way bytes come into a buffer, they are the same ones, and the rest is zeros.
#[test]
fn buffers_are_written_in_each_way() {
    for api in [ApiChoice::Core, ApiChoice::Es] {
        for buffer_writes in [BufferWrites::Copied, BufferWrites::Mapped] {
            let context = ContextConfig { api, debug: true };
            let config = Config {
                context,
                buffer_writes,
                ..Config::default()
            };
            write_a_buffer(&mut Guest::new(&Renderer::new(&config).unwrap()));
        }
    }
}

fn write_a_buffer(guest: &mut Guest) {
    let memory = guest.buffer(100, BindFlags::VERTEX_BUFFER);
    let staging = guest.buffer(100, BindFlags::STAGING);
    let bytes = pattern(100);
    memory.shm.write(0, &bytes).unwrap();
    staging.shm.write(0, &bytes).unwrap();
    let part = |x, width| {
        let mut part = region(memory.id, width, 1);
        part.region.x = x;
        part
    };
    let to_host = |x, width, offset| {
        Command::Transfer3d(Transfer3d {
            region: part(x, width),
            offset,
            direction: TransferDirection::ToHost,
        })
    };
    let copy = |x, width, staging_offset, flags| {
        Command::CopyTransfer3d(CopyTransfer3d {
            region: part(x, width),
            staging: resource(staging.id),
            staging_offset,
            flags,
        })
    };
    guest.run(&[to_host(2, 10, 0), to_host(8, 8, 40), Command::EndTransfers]);
    guest.run(&[
        copy(20, 8, 60, CopyTransferFlags::SYNCHRONIZED),
        copy(30, 8, 70, CopyTransferFlags::empty()),
        Command::ResourceInlineWrite(InlineWrite {
            region: part(90, 10),
            data: &bytes[..10],
        }),
    ]);
    let mut expected = vec![0; 100];
    for (to, from, len) in [
        (2, 0, 10),
        (8, 40, 8),
        (20, 60, 8),
        (30, 70, 8),
        (90, 0, 10),
    ] {
        expected[to..to + len].copy_from_slice(&bytes[from..from + len]);
    }
    assert_eq!(guest.get(memory.id, &whole([100, 1, 1]), 100), expected);
    assert_eq!(guest.failures(&[to_host(99, 2, 0), to_host(0, 8, 93)]), 2);
}

#[test]
fn inline_writes_carry_their_texels() {
    let mut guest = Guest::new(core());
    let memory = guest.texture(Format::R8G8B8A8_UNORM, 4, 4);
    let data = pattern(64);
    let write = InlineWrite {
        region: region(memory.id, 4, 4),
        data: &data,
    };
    guest.run(&[Command::ResourceInlineWrite(write)]);
    assert_eq!(
        guest.pixels(memory.id, Format::R8G8B8A8_UNORM, [4, 4, 1]),
        data
    );
    let short = InlineWrite {
        data: &data[..60],
        ..write
    };
    assert_eq!(guest.failures(&[Command::ResourceInlineWrite(short)]), 1);
}

#[test]
fn what_lies_outside_is_refused() {
    let mut guest = Guest::new(core());
    let memory = guest.texture(Format::R8G8B8A8_UNORM, 4, 4);
    let block = guest.buffer(16, BindFlags::VERTEX_BUFFER);
    let resources = guest.device.resources().unwrap();
    let mut refused = |id: u32, transfer: Transfer, len: usize| {
        let mut bytes = vec![0; len];
        let id = ResourceId(id);
        let put = resources.transfer_to_host(None, id, &transfer, TransferSource::Bytes(&bytes));
        let get = TransferTarget::Bytes(&mut bytes);
        let get = resources.transfer_from_host(None, id, &transfer, get);
        matches!(
            (put, get),
            (Err(Error::Misbehaved(_)), Err(Error::Misbehaved(_)))
        )
    };
    let all = whole([4, 4, 1]);
    let at = |x, y, z| Transfer {
        region: Box3d {
            x,
            y,
            z,
            ..all.region
        },
        ..all
    };
    assert!(refused(memory.id, at(1, 0, 0), 64));
    assert!(refused(memory.id, at(0, u32::MAX, 0), 64));
    assert!(refused(memory.id, at(0, 0, 1), 64));
    assert!(refused(memory.id, Transfer { level: 1, ..all }, 64));
    assert!(refused(
        memory.id,
        Transfer {
            level: u32::MAX,
            ..all
        },
        64
    ));
    assert!(refused(memory.id, all, 63));
    assert!(refused(memory.id, Transfer { offset: 1, ..all }, 64));
    assert!(refused(
        memory.id,
        Transfer {
            offset: u64::MAX,
            ..all
        },
        64
    ));
    assert!(refused(
        memory.id,
        Transfer {
            stride: u32::MAX,
            ..all
        },
        64
    ));
    assert!(refused(memory.id, Transfer { stride: 15, ..all }, 64));
    assert!(refused(
        memory.id,
        Transfer {
            layer_stride: u32::MAX,
            ..whole([4, 4, 2])
        },
        64
    ));
    assert!(refused(block.id, whole([17, 1, 1]), 17));
    assert!(refused(block.id, whole([u32::MAX, 1, 1]), 17));
    assert!(refused(999, all, 64));
    assert!(!refused(memory.id, all, 64));
}

#[test]
fn resources_that_cannot_be_are_refused() {
    let mut guest = Guest::new(core());
    let resources = guest.device.resources().unwrap();
    let good = texture(TextureTarget::Texture2D, Format::R8G8B8A8_UNORM, [8, 8, 1]);
    let cube = texture(TextureTarget::Cube, Format::R8G8B8A8_UNORM, [8, 8, 6]);
    let bad = [
        context::ResourceRequest { target: 9, ..good },
        context::ResourceRequest { format: 0, ..good },
        context::ResourceRequest {
            format: u32::MAX,
            ..good
        },
        context::ResourceRequest { width: 0, ..good },
        context::ResourceRequest {
            width: u32::MAX,
            ..good
        },
        context::ResourceRequest { depth: 2, ..good },
        context::ResourceRequest {
            array_size: 2,
            ..good
        },
        context::ResourceRequest {
            last_level: 4,
            ..good
        },
        context::ResourceRequest {
            last_level: u32::MAX,
            ..good
        },
        context::ResourceRequest {
            nr_samples: 4,
            last_level: 1,
            ..good
        },
        context::ResourceRequest {
            array_size: 5,
            ..cube
        },
        context::ResourceRequest { width: 4, ..cube },
        context::ResourceRequest {
            height: 2,
            ..buffer(8, BindFlags::VERTEX_BUFFER)
        },
        context::ResourceRequest {
            nr_samples: 4,
            ..buffer(8, BindFlags::VERTEX_BUFFER)
        },
    ];
    for request in bad {
        assert!(
            resources.create(ResourceId(9), &request).is_err(),
            "{request:?}"
        );
    }
    resources.create(ResourceId(9), &good).unwrap();
    let _ = number(Format::R8_UNORM);
}
