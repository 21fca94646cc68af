//! Lists of users: searched, filtered, sorted and read page by page.

mod pages;
mod refused;
mod search;
mod selectors;

use crate::support::Person;
use serde_json::{Value, json};

const USERS: &str = "/apis/console/v1alpha1/users";

/// A path with these parameters, each as often as it is there.
fn path(parameters: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("{USERS}?{query}")
}

/// Makes a user of this name and what is said of them besides.
async fn make(owner: &Person<'_>, name: &str, besides: Value) {
    let mut new = json!({ "name": name, "email": format!("{name}@example.test") });
    if let Value::Object(besides) = besides {
        new.as_object_mut().unwrap().extend(besides);
    }
    owner.post(USERS, &new).await.expect(200);
}

/// Names of the users of a page, in its order.
fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    let names = items
        .iter()
        .map(|item| item["user"]["metadata"]["name"].as_str().unwrap().to_owned());
    names.collect()
}

/// Names of all users a list with these parameters has, by name; it fits one page and counts right.
async fn found(owner: &Person<'_>, parameters: &[(&str, &str)]) -> Vec<String> {
    let parameters = [parameters, &[("sort", "metadata.name,asc"), ("size", "200")]].concat();
    let list = owner.get(&path(&parameters)).await.expect(200);
    let names = names(&list);
    assert_eq!(
        (&list["total"], &list["totalIsExact"]),
        (&json!(names.len()), &json!(true)),
        "{parameters:?}"
    );
    names
}
