//! Checks of the fields that the decoders of PNG and WebP believe without looking, and panic or run
//! out of memory over.

/// Whether no palette has a size that palettes do not have (png 0.18.1 panics over it).
pub(super) fn png(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        if &head[4..] == b"PLTE" && (length % 3 != 0 || length > 3 * 256) {
            return false;
        }
        let checksum = 4;
        let next = usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_add(checksum));
        rest = next.and_then(|next| tail.get(next..)).unwrap_or_default();
    }
    true
}

/// The WebP file that `bytes` begin with, if it is put together the way it says.
///
/// image-webp 0.2.4 allocates what a chunk says is its size, unpacks frames whatever their size,
/// and panics where a frame is smaller than the place it goes to.
pub(super) fn webp(bytes: &[u8]) -> Option<&[u8]> {
    let length = usize::try_from(number(bytes.get(4..8)?)).ok()?.checked_add(8)?;
    let file = &bytes[..length.min(bytes.len())];
    let mut canvas = None;
    for (index, chunk) in chunks(file.get(12..)?)?.into_iter().enumerate() {
        match (&chunk.kind, canvas) {
            (b"VP8X", None) if index == 0 => canvas = Some(size(chunk.body.get(4..10)?)),
            // A file without a canvas is one frame, and as large as that.
            (_, None) => break,
            (b"VP8 ", Some(canvas)) if frame(chunk.body)? != canvas => return None,
            (b"ANMF", Some(_)) if !animated(chunk.body)? => return None,
            _ => {}
        }
    }
    Some(file)
}

/// Whether a frame of an animation is as large as its place, and transparency is of a frame.
fn animated(body: &[u8]) -> Option<bool> {
    let place = size(body.get(6..12)?);
    let parts = chunks(body.get(16..)?)?;
    let is_frame = |part: &Chunk| &part.kind == b"VP8 ";
    if parts.first().is_some_and(|part| &part.kind == b"ALPH") && !parts.get(1).is_some_and(is_frame) {
        return Some(false);
    }
    let mut frames = parts.iter().filter(|part| is_frame(part));
    Some(frames.all(|part| frame(part.body) == Some(place)))
}

struct Chunk<'a> {
    kind: [u8; 4],
    body: &'a [u8],
}

/// All chunks; none if one is longer than what is there.
fn chunks(mut rest: &[u8]) -> Option<Vec<Chunk<'_>>> {
    let mut found = vec![];
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let length = usize::try_from(number(&head[4..])).ok()?;
        found.push(Chunk {
            kind: [head[0], head[1], head[2], head[3]],
            body: tail.get(..length)?,
        });
        rest = tail.get(length + length % 2..).unwrap_or_default();
    }
    Some(found)
}

/// Little endian, of up to four bytes.
fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// Width and height less one, in three bytes each.
fn size(bytes: &[u8]) -> (u32, u32) {
    (number(&bytes[..3]) + 1, number(&bytes[3..]) + 1)
}

/// The size a VP8 frame has (RFC 6386 §9.1).
fn frame(body: &[u8]) -> Option<(u32, u32)> {
    let side = |bytes| number(bytes) & 0x3FFF;
    Some((side(body.get(6..8)?), side(body.get(8..10)?)))
}
