//! Files of a tenant: brought, listed, seen, removed; in a folder and in a bucket.

mod content;
mod fetch;
mod known;
mod refused;
mod store;
mod sweep;

use crate::support::{Person, Reply, TestApp, roles::CONSOLE, s3::Bucket};
use futures_util::TryStreamExt;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use tenantry::config::Config;

/// A test of each of these names in a folder, and one in a bucket.
macro_rules! in_both {
    ($($name:ident),+ $(,)?) => {
        mod in_a_folder {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&$crate::attachment::Place::Folder).await;
            })+
        }

        mod in_a_bucket {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&$crate::attachment::Place::bucket().await).await;
            })+
        }
    };
}
use in_both;

/// Where the files of a test are.
pub(crate) enum Place {
    Folder,
    Bucket(Bucket),
}

impl Place {
    pub(crate) async fn bucket() -> Self {
        Self::Bucket(Bucket::start().await)
    }

    async fn app(&self) -> TestApp {
        TestApp::start_with(|config| self.configure(config)).await
    }

    fn configure(&self, config: &mut Config) {
        if let Self::Bucket(bucket) = self {
            bucket.configure(config);
        }
    }
}

/// One part of a form, whose head is this.
fn part(head: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

fn field(name: &str, value: &str) -> Vec<u8> {
    part(&format!("name=\"{name}\""), value.as_bytes())
}

/// The part a file comes in.
fn file(name: &str, kind: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}");
    part(&head, bytes)
}

fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat().as_slice(), b"--XX--\r\n"].concat()
}

/// Sends a form of these parts.
async fn send(who: &Person<'_>, parts: &[Vec<u8>]) -> Reply {
    let request = who
        .request(Method::POST, &format!("{CONSOLE}/attachments/upload"))
        .header("content-type", "multipart/form-data; boundary=XX");
    who.send(request.body(form(parts))).await
}

/// Uploads a file.
async fn upload(who: &Person<'_>, name: &str, kind: &str, bytes: &[u8]) -> Reply {
    send(who, &[file(name, kind, bytes)]).await
}

/// Uploads a text of this content.
async fn upload_text(who: &Person<'_>, text: &str) -> Value {
    upload(who, "a.txt", "text/plain", text.as_bytes()).await.expect(200)
}

fn name(file: &Value) -> &str {
    file["metadata"]["name"].as_str().unwrap()
}

fn path(file: &Value) -> String {
    format!("{CONSOLE}/attachments/{}", name(file))
}

/// Where a file is seen, as a path below the tenant.
fn place(who: &Person<'_>, file: &Value) -> String {
    let address = file["status"]["permalink"].as_str().unwrap();
    address.strip_prefix(&who.tenant.base).unwrap().to_owned()
}

/// What is answered at a path: status, headers and bytes.
async fn seen(who: &Person<'_>, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = who.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap().to_vec())
}

async fn patch(who: &Person<'_>, file: &Value, change: &Value) -> Reply {
    who.send(who.request(Method::PATCH, &path(file)).json(change)).await
}

/// Changes the policy.
async fn decide(who: &Person<'_>, change: &Value) {
    let path = format!("{CONSOLE}/policies/attachments");
    let mut spec = who.get(&path).await.expect(200)["spec"].take();
    for (name, value) in change.as_object().unwrap() {
        spec[name] = value.clone();
    }
    who.put(&path, &json!({ "spec": spec })).await.expect(200);
}

/// A picture of this format.
fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let two = RgbImage::from_fn(width, height, |x, y| {
        let shade = u8::try_from((x + y) % 200).unwrap();
        Rgb(if x < width / 2 {
            [250, shade, 20]
        } else {
            [20, shade, 250]
        })
    });
    let mut bytes = std::io::Cursor::new(vec![]);
    DynamicImage::from(two).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Bytes of no type that is known, of which no two are alike.
fn long_text(length: usize) -> String {
    let lines = (0..).map(|number: u64| format!("{number} is not {}\n", number + 1));
    let mut text = String::new();
    for line in lines {
        text += &line;
        if text.len() >= length {
            break;
        }
    }
    text.truncate(length);
    text
}

/// The room that is taken, and what there is: rows of contents, of uploads, of removals.
async fn room(app: &TestApp) -> (i64, [i64; 3]) {
    let used = app
        .count("select value from counter where name = 'attachmentBytes'")
        .await;
    let rows = [
        app.count("select count(*) from blob").await,
        app.count("select count(*) from upload").await,
        app.count("select count(*) from blob_removal").await,
    ];
    (used, rows)
}

/// The keys of all that the store has.
async fn kept(app: &TestApp) -> Vec<String> {
    let mut keys = app.app.files.list("").await.unwrap();
    keys.sort();
    keys
}

/// Everything that the room says is as the rows and the store have it.
async fn is_exact(app: &TestApp) {
    let (used, [blobs, ..]) = room(app).await;
    let of_rows = "select coalesce((select sum(size) from blob), 0) + coalesce((select sum(bytes) from upload), 0)";
    assert_eq!(
        used,
        app.count(&format!("select cast(x as bigint) from ({of_rows} as x) as of_rows"))
            .await
    );
    let keys = kept(app).await;
    assert_eq!(keys.len(), usize::try_from(blobs).unwrap(), "{keys:?}");
}

/// The bytes that the store has under a key.
async fn stored(app: &TestApp, key: &tenantry::kit::blob::Key, length: u64) -> Vec<u8> {
    let read = app.app.files.get(key, 0..length).await.unwrap();
    let pieces: Vec<_> = read.try_collect().await.unwrap();
    pieces.concat()
}
