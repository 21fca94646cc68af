//! A folder keeps what a store is to keep.

use super::*;
use futures_util::TryStreamExt;
use url::Url;

fn folder(at: &std::path::Path) -> std::sync::Arc<dyn Store> {
    open(&Url::from_file_path(at).unwrap(), &Credentials::default()).unwrap()
}

async fn read(store: &dyn Store, key: &Key, range: Range<u64>) -> Vec<u8> {
    let pieces: Vec<Bytes> = store.get(key, range).await.unwrap().try_collect().await.unwrap();
    pieces.concat()
}

#[tokio::test]
async fn what_is_written_once_stays_and_is_read_in_parts() {
    let at = tempfile::tempdir().unwrap();
    let store = folder(at.path());
    let (tenant, key) = (TenantId(uuid::Uuid::nil()), Key::of_trial("a"));
    store.put_new(&key, Bytes::from_static(b"0123456789")).await.unwrap();
    store.put_new(&key, Bytes::from_static(b"another")).await.unwrap();
    assert_eq!(read(&*store, &key, 2..5).await, b"234");
    assert_eq!(store.head(&key).await.unwrap(), Some(10));

    let copy = Key::of_content(tenant, &Hash::of(b"0123456789"));
    store.copy_new(&key, &copy).await.unwrap();
    store.copy_new(&key, &copy).await.unwrap();
    assert_eq!(store.list("trial").await.unwrap(), ["trial/a"]);
    store.delete(&key).await.unwrap();
    store.delete(&key).await.unwrap();
    assert_eq!(store.head(&key).await.unwrap(), None);
    assert_eq!(read(&*store, &copy, 0..10).await, b"0123456789");
}

#[tokio::test]
async fn what_is_written_in_parts_is_not_there_before_its_end_and_leaves_nothing() {
    let at = tempfile::tempdir().unwrap();
    let store = folder(at.path());
    let key = Key::of_trial("long");
    let mut writer = store.write(&key).await.unwrap();
    writer.write(vec![b'a'; PART].into()).await.unwrap();
    assert_eq!(store.head(&key).await.unwrap(), None);
    // The server dies.
    drop(writer);
    let left = || at.path().join("trial").read_dir().map_or(0, Iterator::count);
    store.delete(&key).await.unwrap();
    assert_eq!(left(), 0);

    let mut writer = store.write(&key).await.unwrap();
    writer.write(vec![b'a'; PART].into()).await.unwrap();
    writer.write(Bytes::from_static(b"z")).await.unwrap();
    writer.finish().await.unwrap();
    assert_eq!(read(&*store, &key, PART as u64 - 1..PART as u64 + 1).await, b"az");
    let mut writer = store.write(&Key::of_trial("other")).await.unwrap();
    writer.write(Bytes::from_static(b"z")).await.unwrap();
    writer.abort().await.unwrap();
    store.delete(&key).await.unwrap();
    assert_eq!(left(), 0);
}

#[test]
fn an_address_that_is_none_is_refused_with_a_reason() {
    for (address, why) in [
        ("ftp://a/b", "file: or s3:"),
        ("s3://bucket?zone=x", "no zone"),
        ("s3://bucket?path_style=1", "true or false"),
        ("file://elsewhere/x", "no folder"),
    ] {
        let refused = open(&Url::parse(address).unwrap(), &Credentials::default()).unwrap_err();
        assert!(format!("{refused:#}").contains(why), "{address}: {refused:#}");
    }
    let half = Credentials {
        access_key_id: Some("a".to_owned()),
        secret_access_key: None,
    };
    assert!(open(&Url::parse("s3://bucket").unwrap(), &half).is_err());
}
