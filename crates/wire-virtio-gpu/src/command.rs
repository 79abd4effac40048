//! The numbers of commands and of responses.

use std::fmt;

use crate::Features;
use crate::codec::numbers;

/// One of the device's two queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// `controlq`, number 0.
    Control,
    /// `cursorq`, number 1.
    Cursor,
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Control => "control",
            Self::Cursor => "cursor",
        })
    }
}

numbers! {
    /// A command (`enum virtio_gpu_ctrl_type`).
    pub enum CommandType "command" {
        0x0100 GetDisplayInfo "VIRTIO_GPU_CMD_GET_DISPLAY_INFO",
        0x0101 ResourceCreate2d "VIRTIO_GPU_CMD_RESOURCE_CREATE_2D",
        0x0102 ResourceUnref "VIRTIO_GPU_CMD_RESOURCE_UNREF",
        0x0103 SetScanout "VIRTIO_GPU_CMD_SET_SCANOUT",
        0x0104 ResourceFlush "VIRTIO_GPU_CMD_RESOURCE_FLUSH",
        0x0105 TransferToHost2d "VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D",
        0x0106 ResourceAttachBacking "VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING",
        0x0107 ResourceDetachBacking "VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING",
        0x0108 GetCapsetInfo "VIRTIO_GPU_CMD_GET_CAPSET_INFO",
        0x0109 GetCapset "VIRTIO_GPU_CMD_GET_CAPSET",
        0x010a GetEdid "VIRTIO_GPU_CMD_GET_EDID",
        0x010b ResourceAssignUuid "VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID",
        0x010c ResourceCreateBlob "VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB",
        0x010d SetScanoutBlob "VIRTIO_GPU_CMD_SET_SCANOUT_BLOB",
        0x0200 CtxCreate "VIRTIO_GPU_CMD_CTX_CREATE",
        0x0201 CtxDestroy "VIRTIO_GPU_CMD_CTX_DESTROY",
        0x0202 CtxAttachResource "VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE",
        0x0203 CtxDetachResource "VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE",
        0x0204 ResourceCreate3d "VIRTIO_GPU_CMD_RESOURCE_CREATE_3D",
        0x0205 TransferToHost3d "VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D",
        0x0206 TransferFromHost3d "VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D",
        0x0207 Submit3d "VIRTIO_GPU_CMD_SUBMIT_3D",
        0x0208 ResourceMapBlob "VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB",
        0x0209 ResourceUnmapBlob "VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB",
        0x0300 UpdateCursor "VIRTIO_GPU_CMD_UPDATE_CURSOR",
        0x0301 MoveCursor "VIRTIO_GPU_CMD_MOVE_CURSOR",
    }

    /// A response (`enum virtio_gpu_ctrl_type`).
    pub enum ResponseType "response" {
        0x1100 OkNodata "VIRTIO_GPU_RESP_OK_NODATA",
        0x1101 OkDisplayInfo "VIRTIO_GPU_RESP_OK_DISPLAY_INFO",
        0x1102 OkCapsetInfo "VIRTIO_GPU_RESP_OK_CAPSET_INFO",
        0x1103 OkCapset "VIRTIO_GPU_RESP_OK_CAPSET",
        0x1104 OkEdid "VIRTIO_GPU_RESP_OK_EDID",
        0x1105 OkResourceUuid "VIRTIO_GPU_RESP_OK_RESOURCE_UUID",
        0x1106 OkMapInfo "VIRTIO_GPU_RESP_OK_MAP_INFO",
        0x1200 ErrUnspec "VIRTIO_GPU_RESP_ERR_UNSPEC",
        0x1201 ErrOutOfMemory "VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY",
        0x1202 ErrInvalidScanoutId "VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID",
        0x1203 ErrInvalidResourceId "VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID",
        0x1204 ErrInvalidContextId "VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID",
        0x1205 ErrInvalidParameter "VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER",
    }

    /// Why a device refuses: the responses that are errors.
    pub enum ErrorCode "error" {
        0x1200 Unspec "VIRTIO_GPU_RESP_ERR_UNSPEC",
        0x1201 OutOfMemory "VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY",
        0x1202 InvalidScanoutId "VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID",
        0x1203 InvalidResourceId "VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID",
        0x1204 InvalidContextId "VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID",
        0x1205 InvalidParameter "VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER",
    }
}

impl CommandType {
    /// The queue that the command is for.
    pub const fn queue(self) -> Queue {
        match self {
            Self::UpdateCursor | Self::MoveCursor => Queue::Cursor,
            _ => Queue::Control,
        }
    }

    /// The features that a driver has to have accepted to send it. Mapping blobs takes the region
    /// for them, too (virtio 1.4, 5.7.6.8 and 5.7.6.9).
    pub const fn features(self) -> Features {
        match self {
            Self::GetEdid => Features::EDID,
            Self::ResourceAssignUuid => Features::RESOURCE_UUID,
            Self::ResourceCreateBlob
            | Self::SetScanoutBlob
            | Self::ResourceMapBlob
            | Self::ResourceUnmapBlob => Features::RESOURCE_BLOB,
            Self::CtxCreate
            | Self::CtxDestroy
            | Self::CtxAttachResource
            | Self::CtxDetachResource
            | Self::ResourceCreate3d
            | Self::TransferToHost3d
            | Self::TransferFromHost3d
            | Self::Submit3d => Features::VIRGL,
            _ => Features::empty(),
        }
    }

    /// Whether the command is about the context that the header names, and so needs one.
    pub const fn needs_context(self) -> bool {
        matches!(
            self,
            Self::CtxCreate
                | Self::CtxDestroy
                | Self::CtxAttachResource
                | Self::CtxDetachResource
                | Self::Submit3d
        )
    }
}

impl fmt::Display for CommandType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
