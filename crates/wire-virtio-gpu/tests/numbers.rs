//! Every number against a table of its own, written from `include/uapi/linux/virtio_gpu.h` and
//! virtio 1.4, section 5.7.
#![forbid(unsafe_code)]

use wire_virtio_gpu::{
    BlobFlags, BlobMem, CapsetId, CommandType, DEVICE_ID, ErrorCode, Events, Features, Format,
    MapCache, Queue, ResourceFlags, ResponseType, SHM_ID_HOST_VISIBLE, limits,
};

/// `enum virtio_gpu_ctrl_type`, all of it.
const CTRL_TYPES: &[(u32, &str)] = &[
    (0x0100, "VIRTIO_GPU_CMD_GET_DISPLAY_INFO"),
    (0x0101, "VIRTIO_GPU_CMD_RESOURCE_CREATE_2D"),
    (0x0102, "VIRTIO_GPU_CMD_RESOURCE_UNREF"),
    (0x0103, "VIRTIO_GPU_CMD_SET_SCANOUT"),
    (0x0104, "VIRTIO_GPU_CMD_RESOURCE_FLUSH"),
    (0x0105, "VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D"),
    (0x0106, "VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING"),
    (0x0107, "VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING"),
    (0x0108, "VIRTIO_GPU_CMD_GET_CAPSET_INFO"),
    (0x0109, "VIRTIO_GPU_CMD_GET_CAPSET"),
    (0x010a, "VIRTIO_GPU_CMD_GET_EDID"),
    (0x010b, "VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID"),
    (0x010c, "VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB"),
    (0x010d, "VIRTIO_GPU_CMD_SET_SCANOUT_BLOB"),
    (0x0200, "VIRTIO_GPU_CMD_CTX_CREATE"),
    (0x0201, "VIRTIO_GPU_CMD_CTX_DESTROY"),
    (0x0202, "VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE"),
    (0x0203, "VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE"),
    (0x0204, "VIRTIO_GPU_CMD_RESOURCE_CREATE_3D"),
    (0x0205, "VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D"),
    (0x0206, "VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D"),
    (0x0207, "VIRTIO_GPU_CMD_SUBMIT_3D"),
    (0x0208, "VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB"),
    (0x0209, "VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB"),
    (0x0300, "VIRTIO_GPU_CMD_UPDATE_CURSOR"),
    (0x0301, "VIRTIO_GPU_CMD_MOVE_CURSOR"),
    (0x1100, "VIRTIO_GPU_RESP_OK_NODATA"),
    (0x1101, "VIRTIO_GPU_RESP_OK_DISPLAY_INFO"),
    (0x1102, "VIRTIO_GPU_RESP_OK_CAPSET_INFO"),
    (0x1103, "VIRTIO_GPU_RESP_OK_CAPSET"),
    (0x1104, "VIRTIO_GPU_RESP_OK_EDID"),
    (0x1105, "VIRTIO_GPU_RESP_OK_RESOURCE_UUID"),
    (0x1106, "VIRTIO_GPU_RESP_OK_MAP_INFO"),
    (0x1200, "VIRTIO_GPU_RESP_ERR_UNSPEC"),
    (0x1201, "VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY"),
    (0x1202, "VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID"),
    (0x1203, "VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID"),
    (0x1204, "VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID"),
    (0x1205, "VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER"),
];

const OTHERS: &[(u32, &str)] = &[
    (1, "VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM"),
    (2, "VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM"),
    (3, "VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM"),
    (4, "VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM"),
    (67, "VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM"),
    (68, "VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM"),
    (121, "VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM"),
    (134, "VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM"),
    (1, "VIRTIO_GPU_BLOB_MEM_GUEST"),
    (2, "VIRTIO_GPU_BLOB_MEM_HOST3D"),
    (3, "VIRTIO_GPU_BLOB_MEM_HOST3D_GUEST"),
    (0, "VIRTIO_GPU_MAP_CACHE_NONE"),
    (1, "VIRTIO_GPU_MAP_CACHE_CACHED"),
    (2, "VIRTIO_GPU_MAP_CACHE_UNCACHED"),
    (3, "VIRTIO_GPU_MAP_CACHE_WC"),
];

#[test]
fn commands_and_responses() {
    let commands = CommandType::ALL.iter().map(|it| (it.number(), it.name()));
    let responses = ResponseType::ALL.iter().map(|it| (it.number(), it.name()));
    let ours: Vec<_> = commands.chain(responses).collect();
    assert_eq!(ours, CTRL_TYPES);
    let named = |number| CTRL_TYPES.iter().any(|(other, _)| *other == number);
    for number in 0..=0xffff {
        let command = CommandType::from_number(number);
        let response = ResponseType::from_number(number);
        assert_eq!(command.is_some() || response.is_some(), named(number));
        assert_eq!(command.is_some(), named(number) && number < 0x1000);
        let error = ErrorCode::from_number(number);
        assert_eq!(error.is_some(), named(number) && number >= 0x1200);
        assert_eq!(
            error.map(ErrorCode::name),
            response
                .filter(|_| number >= 0x1200)
                .map(ResponseType::name)
        );
    }
}

#[test]
fn formats_and_blobs() {
    let formats = Format::ALL.iter().map(|it| (it.number(), it.name()));
    let mems = BlobMem::ALL.iter().map(|it| (it.number(), it.name()));
    let caches = MapCache::ALL.iter().map(|it| (it.number(), it.name()));
    let ours: Vec<_> = formats.chain(mems).chain(caches).collect();
    assert_eq!(ours, OTHERS);
}

#[test]
fn bits() {
    let features = [
        ("VIRGL", 0),
        ("EDID", 1),
        ("RESOURCE_UUID", 2),
        ("RESOURCE_BLOB", 3),
        ("CONTEXT_INIT", 4),
        ("BLOB_ALIGNMENT", 5),
    ];
    let ours: Vec<_> = Features::all()
        .iter_names()
        .map(|(name, bit)| (name, bit.bits().trailing_zeros()))
        .collect();
    assert_eq!(ours, features);
    assert_eq!(Features::all().bits(), 0x3f);
    assert_eq!(BlobFlags::MAPPABLE.bits(), 1);
    assert_eq!(BlobFlags::SHAREABLE.bits(), 2);
    assert_eq!(BlobFlags::CROSS_DEVICE.bits(), 4);
    assert_eq!(BlobFlags::all().bits(), 7);
    assert_eq!(Events::DISPLAY.bits(), 1);
    assert_eq!(ResourceFlags::Y_0_TOP.bits(), 1);
}

#[test]
fn single_numbers() {
    assert_eq!(DEVICE_ID, 16);
    assert_eq!(SHM_ID_HOST_VISIBLE, 1);
    assert_eq!(limits::MAX_SCANOUTS, 16);
    assert_eq!(limits::MAX_RINGS, 64);
    assert_eq!(limits::MAX_EDID, 1024);
    assert_eq!(limits::MAX_DEBUG_NAME, 64);
    let capsets = [
        CapsetId::VIRGL,
        CapsetId::VIRGL2,
        CapsetId::GFXSTREAM,
        CapsetId::VENUS,
        CapsetId::CROSS_DOMAIN,
    ];
    assert_eq!(capsets.map(|capset| capset.0), [1, 2, 3, 4, 5]);
}

/// Which commands come with which feature, and where.
#[test]
fn features_and_queues() {
    for command in CommandType::ALL.iter().copied() {
        let number = command.number();
        let features = match number {
            0x010a => Features::EDID,
            0x010b => Features::RESOURCE_UUID,
            0x010c | 0x010d | 0x0208 | 0x0209 => Features::RESOURCE_BLOB,
            0x0200..=0x0207 => Features::VIRGL,
            _ => Features::empty(),
        };
        assert_eq!(command.features(), features, "{command}");
        let cursor = command.queue() == Queue::Cursor;
        assert_eq!(cursor, number >= 0x0300, "{command}");
    }
}
