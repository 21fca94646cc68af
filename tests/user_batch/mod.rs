//! Acts on many users: each is the act on one, and whom it is refused for is told.

mod acts;
mod api;
mod chosen;
mod resumed;
mod rules;

use crate::support::{Person, Reply, roles::USERS};
use serde_json::{Value, json};

const BATCHES: &str = "/apis/console/v1alpha1/user-batches";

/// Asks for an act on many users.
async fn send(who: &Person<'_>, spec: Value) -> Reply {
    who.post(BATCHES, &json!({ "spec": spec })).await
}

/// The same, and answers it when it is done.
async fn run(who: &Person<'_>, spec: Value) -> Value {
    let made = send(who, spec).await.expect(200);
    who.tenant.app.work().await;
    see(who, &made).await
}

/// The act as it is now.
async fn see(who: &Person<'_>, batch: &Value) -> Value {
    who.get(&path(batch)).await.expect(200)
}

fn path(batch: &Value) -> String {
    format!("{BATCHES}/{}", batch["metadata"]["name"].as_str().unwrap())
}

/// To how many it was done, how many were as it would have them, for how many it was refused, how many are left.
fn counts(batch: &Value) -> [i64; 4] {
    ["done", "unchanged", "rejected", "left"].map(|count| batch["status"][count].as_i64().unwrap())
}

/// Whom it was refused for, and by which rule, by name.
async fn refused(who: &Person<'_>, batch: &Value) -> Vec<(String, String)> {
    let path = format!("{}/rejections?sort=number&size=200", path(batch));
    let list = who.get(&path).await.expect(200);
    let each = list["items"].as_array().unwrap().iter().map(|wrong| {
        assert!(!wrong["message"].as_str().unwrap().is_empty(), "{wrong}");
        let text = |field: &str| wrong[field].as_str().unwrap().to_owned();
        (text("name"), text("code"))
    });
    let mut each: Vec<_> = each.collect();
    each.sort();
    each
}

fn why(name: &str, code: &str) -> (String, String) {
    (name.to_owned(), code.to_owned())
}

/// Names of the users whom a list with this query has, sorted.
async fn names(who: &Person<'_>, query: &str) -> Vec<String> {
    let asked = [query, "size=200"].join(if query.is_empty() { "" } else { "&" });
    let list = who.get(&format!("{USERS}?{asked}")).await.expect(200);
    let users = list["items"].as_array().unwrap().iter();
    let names = users.map(|item| item["user"]["metadata"]["name"].as_str().unwrap().to_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}
