//! HTTP/2 by hand, as far as it takes to speak gRPC badly: frames are made here, and whether they belong where they are
//! sent is nobody's care.

/// What a client begins with.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0x0;
pub(super) const HEADERS: u8 = 0x1;
pub(super) const SETTINGS: u8 = 0x4;

pub(super) const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;

/// SETTINGS_INITIAL_WINDOW_SIZE: how much a server may send on a stream before it is told that more is welcome.
const INITIAL_WINDOW: u16 = 0x4;

/// A frame of any kind; its length is true.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Preface and settings; of each answer, no more than `window` bytes are wanted.
pub(super) fn opening(window: u32) -> Vec<u8> {
    let settings = [&INITIAL_WINDOW.to_be_bytes()[..], &window.to_be_bytes()].concat();
    [PREFACE, &frame(SETTINGS, 0, 0, &settings)].concat()
}

/// The beginning of a gRPC call.
pub(super) fn call(path: &str, stream: u32) -> Vec<u8> {
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    let mut block = Vec::new();
    for (name, value) in fields {
        // A literal that goes into no table.
        block.push(0);
        for text in [name, value] {
            // Lengths up to 126 are one byte.
            block.push(u8::try_from(text.len()).unwrap());
            block.extend_from_slice(text.as_bytes());
        }
    }
    frame(HEADERS, END_HEADERS, stream, &block)
}

/// A gRPC message that says it is of this length.
pub(super) fn message(compressed: u8, length: u32, bytes: &[u8]) -> Vec<u8> {
    [&[compressed], &length.to_be_bytes()[..], bytes].concat()
}
