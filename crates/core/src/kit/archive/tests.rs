//! The file, and everybody who changes it.

use super::*;
use crate::kit::secret::MasterKey;

fn master() -> MasterKey {
    MasterKey::parse(&MasterKey::generate()).unwrap()
}

fn header(keys: &BackupKeys, file: &FileKey) -> Header {
    Header {
        created_at: "2026-11-30T00:00:00Z".to_owned(),
        database: "sqlite".to_owned(),
        id: "b-1".to_owned(),
        instance: Instance {
            public_url: "https://example.test".to_owned(),
        },
        recipients: vec![keys.recipient("b-1", file)],
        schema: "m0027".to_owned(),
        server: "0.1.0".to_owned(),
        signer: keys.signer(),
        steps: "x".to_owned(),
        tenant: Whose {
            display_name: "Acme".to_owned(),
            id: "t-1".to_owned(),
            name: "acme".to_owned(),
        },
    }
}

/// A file of these records.
fn sealed(keys: &BackupKeys, records: &[(Kind, Vec<u8>)]) -> Vec<u8> {
    let file = FileKey::generate();
    let mut sealer = Sealer::new(&header(keys, &file), &file, keys).unwrap();
    let mut out = vec![];
    for (kind, body) in records {
        sealer.record(*kind, body).unwrap();
        out.append(&mut sealer.take());
    }
    out.append(&mut sealer.finish().unwrap());
    out
}

/// Its records, read in parts of this length.
fn opened(keys: &BackupKeys, file: &[u8], part: usize) -> Result<Vec<(Kind, Vec<u8>)>, Refusal> {
    let mut opener = Opener::new(keys, &[]);
    let mut records = vec![];
    for part in file.chunks(part) {
        records.append(&mut opener.feed(part)?);
    }
    let (mut last, opened) = opener.finish()?;
    assert_eq!(opened.size, file.len() as u64);
    records.append(&mut last);
    Ok(records)
}

/// Bytes that do not get shorter.
fn noise(length: usize) -> Vec<u8> {
    (0..length).flat_map(|_| secret_byte()).collect()
}

fn secret_byte() -> [u8; 1] {
    crate::kit::secret::random()
}

#[test]
fn what_is_sealed_is_read_in_parts_of_any_length() {
    let keys = BackupKeys::of(&master());
    let records = vec![
        (Kind::Begin, b"{}".to_vec()),
        (Kind::Row, vec![]),
        (Kind::Row, noise(CHUNK * 3)),
        (Kind::FileData, vec![7; 1 << 20]),
        (Kind::Manifest, b"{}".to_vec()),
    ];
    let file = sealed(&keys, &records);
    for part in [1_000, CHUNK, CHUNK + TAG, file.len()] {
        assert_eq!(opened(&keys, &file, part).unwrap(), records, "{part}");
    }
    let small = sealed(&keys, &records[..1]);
    assert_eq!(opened(&keys, &small, 1).unwrap(), records[..1]);
}

#[test]
fn a_changed_byte_anywhere_is_found() {
    let keys = BackupKeys::of(&master());
    let file = sealed(&keys, &[(Kind::Begin, b"{}".to_vec()), (Kind::Row, noise(100))]);
    for at in 0..file.len() {
        for flip in [1, 0x80] {
            let mut changed = file.clone();
            changed[at] ^= flip;
            assert!(opened(&keys, &changed, 4096).is_err(), "byte {at}");
        }
    }
    assert!(opened(&keys, &file, 4096).is_ok());
}

#[test]
fn a_file_that_was_cut_or_grew_is_found() {
    let keys = BackupKeys::of(&master());
    let file = sealed(&keys, &[(Kind::Begin, b"{}".to_vec()), (Kind::Row, noise(CHUNK * 2))]);
    let steps = (0..file.len()).step_by(997);
    // At the border of every chunk, too: what is there is whole.
    let first = file.len() % (CHUNK + TAG);
    for length in steps.chain([file.len() - 1, first, first + CHUNK + TAG]) {
        assert!(opened(&keys, &file[..length], 4096).is_err(), "{length} bytes");
    }
    let mut longer = file.clone();
    longer.push(0);
    assert!(opened(&keys, &longer, 4096).is_err());
    assert!(opened(&keys, &[&file[..], &file].concat(), 4096).is_err());
}

#[test]
fn chunks_have_their_place_and_belong_to_their_header() {
    let keys = BackupKeys::of(&master());
    let records = [(Kind::Begin, b"{}".to_vec()), (Kind::Row, noise(CHUNK * 3))];
    let (file, other) = (sealed(&keys, &records), sealed(&keys, &records));
    let chunk = CHUNK + TAG;
    let head = head_of(&file);
    let swapped = [
        &file[..head],
        &file[head + chunk..head + 2 * chunk],
        &file[head..head + chunk],
        &file[head + 2 * chunk..],
    ];
    assert!(opened(&keys, &swapped.concat(), 4096).is_err());
    let repeated = [&file[..head + chunk], &file[head..]];
    assert!(opened(&keys, &repeated.concat(), 4096).is_err());
    let mixed = [&other[..head_of(&other)], &file[head..]];
    assert!(opened(&keys, &mixed.concat(), 4096).is_err());
}

fn head_of(file: &[u8]) -> usize {
    PREFIX + u32::from_be_bytes(file[12..16].try_into().unwrap()) as usize + PROOF
}

#[test]
fn another_instance_opens_nothing_and_is_trusted_only_if_it_is_named() {
    let (ours, theirs) = (BackupKeys::of(&master()), BackupKeys::of(&master()));
    let file = sealed(&theirs, &[(Kind::Begin, b"{}".to_vec())]);
    assert_eq!(opened(&ours, &file, 4096), Err(Refusal::Foreign));

    // Sealed for us by somebody else.
    let key = FileKey::generate();
    let mut header = header(&theirs, &key);
    header.recipients = vec![Recipient::Other, ours.recipient("b-1", &key)];
    let file = Sealer::new(&header, &key, &theirs).unwrap().finish().unwrap();
    let fingerprint = theirs.signer().fingerprint;
    assert_eq!(
        opened(&ours, &file, 4096),
        Err(Refusal::SignerUnknown(fingerprint.clone()))
    );
    let trusted = [fingerprint];
    let mut opener = Opener::new(&ours, &trusted);
    opener.feed(&file).unwrap();
    assert!(opener.finish().is_ok());

    // Somebody who says that they are us.
    header.signer = ours.signer();
    let file = Sealer::new(&header, &key, &theirs).unwrap().finish().unwrap();
    assert!(matches!(opened(&ours, &file, 4096), Err(Refusal::Damaged { .. })));
}

#[test]
fn what_is_no_backup_or_a_newer_one_is_told_apart() {
    let keys = BackupKeys::of(&master());
    for file in [&b""[..], b"x", b"TNT", b"PK\x03\x04 and more", b"TNTB\n\n\x1a\n"] {
        let expected = if MAGIC.starts_with(file) && !file.is_empty() {
            None
        } else {
            Some(Refusal::NotABackup)
        };
        let read = opened(&keys, file, 4096).unwrap_err();
        assert!(expected.is_none_or(|expected| read == expected), "{file:?}: {read}");
    }
    let file = sealed(&keys, &[(Kind::Begin, b"{}".to_vec())]);
    for at in 8..12 {
        let mut newer = file.clone();
        newer[at] += 2;
        assert_eq!(opened(&keys, &newer, 4096), Err(Refusal::Newer));
    }
}

#[test]
fn what_inflates_to_far_too_much_is_given_up() {
    let keys = BackupKeys::of(&master());
    let zeros = vec![0; RECORD_LIMIT];
    let records: Vec<_> = (0..10).map(|_| (Kind::FileData, zeros.clone())).collect();
    let file = sealed(&keys, &records);
    assert!(file.len() < 100_000, "{} bytes", file.len());
    let read = opened(&keys, &file, 4096);
    assert!(matches!(read, Err(Refusal::Damaged { .. })), "{read:?}");
}

#[test]
fn a_record_that_is_too_long_is_not_made() {
    let keys = BackupKeys::of(&master());
    let file = FileKey::generate();
    let mut sealer = Sealer::new(&header(&keys, &file), &file, &keys).unwrap();
    assert!(sealer.record(Kind::Row, &vec![0; RECORD_LIMIT + 1]).is_err());
}
