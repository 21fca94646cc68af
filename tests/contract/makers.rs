//! What tests of every operation act on: an object for each parameter of a path, and the bodies that make them.

use super::{Operation, example, restores};
use crate::instance::{TENANTS, new_tenant};
use crate::support::{
    PASSWORD, Person, Reply, dns,
    issuer::Issuer,
    roles::make_role,
    smtp::{GONE, PORT, sender},
};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry::{
    domain,
    kit::{
        db::{Mode, SystemTx},
        secret,
    },
};

pub(super) const CONSOLE: &str = "/apis/console/v1alpha1";
/// Makes what this body says, and returns it.
pub(super) async fn made(owner: &Person<'_>, what: &str, new: Value) -> Value {
    owner.post(&format!("{CONSOLE}/{what}"), &new).await.expect(200)
}

/// Sends a mail to this address, and returns the name of its message.
async fn make_message(owner: &Person<'_>, address: &str, leaves: bool) -> Value {
    let ask = json!({ "email": address, "purpose": "register" });
    let send = "/v1/email/send-verification";
    owner.tenant.anybody().post(send, &ask).await.expect(200);
    if leaves {
        owner.tenant.app.work().await;
    }
    newest_message(owner, address).await
}

/// The name of the newest message to this address.
async fn newest_message(owner: &Person<'_>, address: &str) -> Value {
    let list = owner.get(&format!("{CONSOLE}/messages?size=200")).await.expect(200);
    let mut items = list["items"].as_array().unwrap().iter();
    let made = items.find(|item| item["spec"]["to"] == address).unwrap();
    made["metadata"]["name"].clone()
}

/// Makes a message that can be sent again, and returns its name.
pub(super) async fn make_resendable(owner: &Person<'_>, address: &str) -> Value {
    let test = format!("{CONSOLE}/message-templates/verify_email/en/test");
    owner.post(&test, &json!({ "to": address })).await.expect(200);
    let name = newest_message(owner, address).await;
    let cancel = format!("{CONSOLE}/messages/{}/cancel", name.as_str().unwrap());
    owner.post(&cancel, &json!({})).await.expect(200);
    name
}

/// Has a relay refuse an address of this local part, and returns the address.
pub(super) async fn make_undeliverable(owner: &Person<'_>, local: &str) -> Value {
    let mut relay = sender(local);
    relay["spec"]["enabled"] = true.into();
    made(owner, "senders", relay).await;
    let address = format!("{local}@{GONE}");
    make_message(owner, &address, true).await;
    owner.delete(&format!("{CONSOLE}/senders/{local}")).await.expect(204);
    address.into()
}

/// Has a relay take a message, and returns its name.
pub(super) async fn make_sent(owner: &Person<'_>, local: &str) -> Value {
    let mut relay = sender(local);
    relay["spec"]["enabled"] = true.into();
    made(owner, "senders", relay).await;
    make_message(owner, &format!("{local}@example.com"), true).await
}

/// Makes a secret of the application or of the API of this number, and returns its name.
async fn make_secret(owner: &Person<'_>, operation: &Operation, of: usize) -> Value {
    let apis = format!("{CONSOLE}/resource-servers?fieldSelector=spec.audience=https://made-{of}.example");
    let of = match operation.path.contains("/resource-servers/") {
        true => {
            let list = owner.get(&apis).await.expect(200);
            let name = list["items"][0]["metadata"]["name"].as_str().unwrap();
            format!("resource-servers/{name}")
        }
        false => format!("applications/made-{of}"),
    };
    made(owner, &format!("{of}/secrets"), json!({})).await["metadata"]["name"].clone()
}

/// Makes a provider that can be enabled.
async fn make_provider(owner: &Person<'_>, name: &str) -> Value {
    let spec = json!({
        "kind": "oidc", "displayName": "Made", "clientId": "rp", "clientSecret": "hush",
        "issuer": Issuer::start().base,
    });
    let new = json!({ "metadata": { "name": name }, "spec": spec });
    made(owner, "auth-provider-configs", new).await["metadata"]["name"].clone()
}

/// Makes an identity of the user of the path, or of the caller, at the provider of the path.
async fn make_identity(owner: &Person<'_>, operation: &Operation, number: usize) -> Value {
    let made = |number: usize| format!("made-{number}");
    let user = match operation.object() {
        "-" => owner.name.clone(),
        _ => made(number - 2),
    };
    // Where the path has the provider's id, it was made with the provider.
    if !operation.path.contains("{idp_id}") {
        crate::provider::use_provider(owner, &user, &made(number - 1), &made(number)).await;
    }
    made(number).into()
}

/// Writes a template of messages with this subject.
pub(super) async fn write_template(owner: &Person<'_>, subject: &str) {
    let new = json!({ "spec": { "subject": subject, "text": "{{ code }}", "html": "<p>{{ code }}</p>" } });
    let path = format!("{CONSOLE}/message-templates/verify_email/en");
    owner.put(&path, &new).await.expect(200);
}

/// Writes the group `mail` twice, and returns the version of the first time.
pub(super) async fn make_version(owner: &Person<'_>) -> Value {
    let path = format!("{CONSOLE}/systemconfigs/mail");
    let shows = owner.get(&path).await.expect(200)["codeInSubject"] == true;
    let write = async |shows: bool| {
        owner.put(&path, &json!({ "codeInSubject": shows })).await.expect(204);
        owner.get(&format!("{path}/status")).await.expect(200)["version"].take()
    };
    let version = write(!shows).await;
    write(shows).await;
    version
}

/// What a template is named by.
fn part_of_template(parameter: &Value) -> &'static str {
    match parameter["name"] == "kind" {
        true => "verify_email",
        false => "en",
    }
}

/// What a path parameter is where every tenant has the same.
fn known_everywhere(operation: &Operation, parameter: &Value) -> Option<&'static str> {
    let is_below = |path: &str| operation.path.contains(path);
    if is_below("/message-templates/") {
        return Some(part_of_template(parameter));
    }
    if is_below("/configs/") {
        return Some(match parameter["name"] == "group" {
            true => "default",
            false => "cross-origin",
        });
    }
    let known = [
        ("/systemconfigs/", "mail"),
        ("/notifiers/", "default-email-notifier"),
        ("/settings/", "cross-origin"),
    ];
    known.iter().find(|(path, _)| is_below(path)).map(|(_, name)| *name)
}

/// Makes an object in the tenant of `owner` and returns what the path parameter is for it.
pub(super) async fn make(owner: &Person<'_>, operation: &Operation, parameter: &Value, number: usize) -> String {
    match parameter["name"] == "version" {
        true => make_version(owner).await.to_string(),
        false => make_other(owner, operation, parameter, number).await,
    }
}

async fn make_other(owner: &Person<'_>, operation: &Operation, parameter: &Value, number: usize) -> String {
    if let Some(part) = known_everywhere(operation, parameter) {
        return part.to_owned();
    }
    let schema = &parameter["schema"];
    let prefix = schema["pattern"]
        .as_str()
        .and_then(|pattern| pattern.strip_prefix('^')?.split_once('_'));
    let (name, address) = (format!("made-{number}"), format!("made-{number}@example.com"));
    let user = json!({ "name": name, "email": address, "password": PASSWORD, "mustChangePassword": false });
    let name = match (schema["format"].as_str(), prefix) {
        (Some("user-name"), _) => made(owner, "users", user).await["metadata"]["name"].clone(),
        (_, Some(("usr", _))) => made(owner, "users", user).await["status"]["id"].clone(),
        (Some("role-name"), _) => make_role(owner, &name, "", &[]).await["metadata"]["name"].clone(),
        // Of the user who was made for the parameter before.
        (_, Some(("ses", _))) => make_session(owner, &format!("made-{}", number - 1)).await,
        (_, Some(("ver", _))) => invite(owner, &address).await,
        // One that has left is not sent again.
        (_, Some(("msg", _))) if operation.id() == "ResendMessage" => make_resendable(owner, &address).await,
        (Some("email"), _) => make_undeliverable(owner, &name).await,
        (_, Some(("msg", _))) => make_message(owner, &address, operation.id() == "GetMessage").await,
        (_, Some(("idp", _))) => {
            let subject = format!("made-{}", number + 1);
            let id = crate::provider::use_provider(owner, &owner.name, &name, &subject).await;
            id.into()
        }
        // One that the user of the path signed in to.
        (Some("client-id"), _) if operation.path.contains("/users/") => {
            let user = match operation.object() {
                "-" => owner.name.clone(),
                _ => format!("made-{}", number - 1),
            };
            crate::oidc::use_application(owner, &user, &name).await;
            name.into()
        }
        (Some("client-id"), _) => {
            let new = json!({ "preset": "web-server", "metadata": { "name": name } });
            made(owner, "applications", new).await["metadata"]["name"].clone()
        }
        (Some("identity-subject"), _) => make_identity(owner, operation, number).await,
        (Some("provider-name"), _) => make_provider(owner, &name).await,
        (_, Some((kind @ ("rsv" | "att" | "atg" | "bak" | "imp" | "bat" | "rst"), _))) => {
            make_named(owner, operation.id(), kind, &name).await
        }
        (Some("file-name"), _) if operation.path.contains("/backups/") => restores::newest_backup(owner).await,
        (Some("sender-name"), _) => {
            made(owner, "senders", sender(&name)).await;
            name.into()
        }
        (Some("tenant-name"), _) => make_tenant(owner, operation, &name).await,
        (Some("domain-name"), _) => make_domain(owner, operation, number).await,
        // Of the sender that was made for the parameter before.
        (Some("dkim-selector"), _) => make_dkim_key(owner, &format!("made-{}", number - 1)).await,
        // Of the application or the API that was made for the parameter before.
        (_, Some(("sec", _))) => make_secret(owner, operation, number - 1).await,
        _ => panic!(
            "nobody knows how to make the object of {parameter} of {}: teach `make`",
            operation.label()
        ),
    };
    name.as_str().unwrap().to_owned()
}

/// Makes something of the kind whose names begin so, and returns its name.
async fn make_named(owner: &Person<'_>, id: &str, kind: &str, name: &str) -> Value {
    match kind {
        // One that is done is not stopped.
        "bat" if id == "CancelUserBatch" => begin_user_batch(owner, name).await,
        "rst" if id == "UndoRestoration" => restores::make_restoration(owner).await,
        "rsv" => make_api(owner, name).await,
        "att" => make_attachment(owner, name).await,
        "atg" => make_group(owner, name).await,
        "imp" => make_user_import(owner, name).await,
        "bat" => make_user_batch(owner, name).await,
        "rst" => restores::make_refused_restoration(owner, name).await,
        _ => make_backup(owner).await["metadata"]["name"].clone(),
    }
}

/// A session of this user.
async fn make_session(owner: &Person<'_>, user: &str) -> Value {
    owner.tenant.sign_in(user).await;
    let list = owner.get(&format!("{CONSOLE}/users/{user}/sessions")).await.expect(200);
    list["items"][0]["metadata"]["name"].clone()
}

/// A tenant without an owner, as the operation wants one.
async fn make_tenant(operator: &Person<'_>, operation: &Operation, name: &str) -> Value {
    operator.post(TENANTS, &new_tenant(name)).await.expect(200);
    let verb = match operation.id() {
        "ResumeTenant" => Some((Method::POST, "/suspend")),
        "UndeleteTenant" => Some((Method::DELETE, "?confirm=")),
        _ => None,
    };
    if let Some((method, verb)) = verb {
        let mut path = format!("{TENANTS}/{name}{verb}");
        if method == Method::DELETE {
            path += name;
        }
        let request = operator.request(method, &path).json(&json!({}));
        operator.send(request).await.expect(200);
    }
    name.into()
}

/// A domain whose record is published: of the tenant that was made for the parameter before, if there is one.
async fn make_domain(owner: &Person<'_>, operation: &Operation, number: usize) -> Value {
    let name = format!("made-{number}-{:x}.example", u64::from_be_bytes(secret::random()));
    if operation.path.contains("/tenants/") {
        let app = &owner.tenant.app.app;
        let of = app
            .find_tenant(&format!("made-{}", number - 1))
            .await
            .unwrap()
            .unwrap()
            .id;
        let parsed = name.parse().unwrap();
        let claim = async |tx: &SystemTx| domain::claim(tx, of, &parsed).await;
        app.services.db.run_system(Mode::Write, claim).await.unwrap();
        return name.into();
    }
    let claimed = made(owner, "domains", json!({ "metadata": { "name": name } })).await;
    let record = |part: &str| claimed["status"]["record"][part].as_str().unwrap();
    dns::USUAL.say(record("name"), &[record("value")]);
    if operation.id() == "MakeDomainCanonical" {
        owner
            .post(&format!("{CONSOLE}/domains/{name}/verify"), &json!({}))
            .await
            .expect(200);
    }
    name.into()
}

/// An API.
async fn make_api(owner: &Person<'_>, name: &str) -> Value {
    let spec = json!({ "audience": format!("https://{name}.example"), "displayName": "Made" });
    let new = json!({ "spec": spec });
    made(owner, "resource-servers", new).await["metadata"]["name"].clone()
}

/// A key of a sender, with its record published.
pub(super) async fn make_dkim_key(owner: &Person<'_>, sender: &str) -> Value {
    let key = made(
        owner,
        &format!("senders/{sender}/dkim-keys"),
        json!({ "algorithm": "ed25519" }),
    )
    .await;
    let part = |part: &str| key["record"][part].as_str().unwrap();
    dns::USUAL.say(part("name"), &[part("value")]);
    key["selector"].clone()
}

/// The secret that reports of bounces are signed by.
pub(super) async fn make_bounce_secret(owner: &Person<'_>) -> String {
    let path = "notifiers/default-email-notifier/bounce-secret";
    let made = made(owner, path, Value::Null).await;
    made["secret"].as_str().unwrap().to_owned()
}

/// An invitation to this address.
async fn invite(owner: &Person<'_>, address: &str) -> Value {
    let new = json!({ "spec": { "email": address } });
    made(owner, "invitations", new).await["metadata"]["name"].clone()
}

/// A group of files.
pub(super) async fn make_group(owner: &Person<'_>, name: &str) -> Value {
    let new = json!({ "spec": { "displayName": name } });
    made(owner, "attachment-groups", new).await["metadata"]["name"].clone()
}

/// A backup, whose file is there.
pub(super) async fn make_backup(owner: &Person<'_>) -> Value {
    // One is made at a time.
    owner.tenant.app.work().await;
    let backup = made(owner, "backups", json!({})).await;
    owner.tenant.app.work().await;
    backup
}

/// An import that is done, of a file of this name with one user and three rows that are wrong.
pub(super) async fn make_user_import(owner: &Person<'_>, name: &str) -> Value {
    // One is done at a time.
    owner.tenant.app.work().await;
    let request = owner.request(Method::POST, &format!("{CONSOLE}/user-imports"));
    let request = request.header("content-type", FORM).body(users_of(name));
    let made = owner.send(request).await.expect(200);
    owner.tenant.app.work().await;
    made["metadata"]["name"].clone()
}

/// An act on many users that is done.
pub(super) async fn make_user_batch(owner: &Person<'_>, name: &str) -> Value {
    let made = begin_user_batch(owner, name).await;
    owner.tenant.app.work().await;
    made
}

/// One that is to be done, on three names that nobody has, which begin so.
pub(super) async fn begin_user_batch(owner: &Person<'_>, name: &str) -> Value {
    // One is done at a time.
    owner.tenant.app.work().await;
    let names: Vec<_> = (1..=3).map(|number| format!("{name}-{number}")).collect();
    let new = json!({ "spec": { "act": "disable", "names": names } });
    let made = owner.post(&format!("{CONSOLE}/user-batches"), &new).await.expect(200);
    made["metadata"]["name"].clone()
}

/// A form with a file of users.
pub(super) fn users_of(name: &str) -> Vec<u8> {
    let rows = format!("name,email\nof-{name},of-{name}@example.test\nwrong-1,x\nwrong-2,x\nwrong-3,x\n");
    let head = format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}.csv\"\r\n\r\n");
    format!("{head}{rows}\r\n--XX--\r\n").into_bytes()
}

/// A file of this name, which is a picture.
pub(crate) async fn make_attachment(owner: &Person<'_>, name: &str) -> Value {
    let request = owner.request(Method::POST, &format!("{CONSOLE}/attachments/upload"));
    let request = request.header("content-type", FORM).body(picture_of(name));
    owner.send(request).await.expect(200)["metadata"]["name"].clone()
}

pub(crate) const FORM: &str = "multipart/form-data; boundary=XX";

/// A form with a small picture.
pub(crate) fn picture() -> Vec<u8> {
    picture_of("a.png")
}

/// A form with these texts.
pub(super) fn texts(texts: &serde_json::Map<String, Value>) -> Vec<u8> {
    let parts = texts.iter().map(|(name, text)| {
        let text = text.as_str().unwrap();
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    });
    let form: String = parts.chain(["--XX--\r\n".to_owned()]).collect();
    form.into_bytes()
}

/// The same with this name.
fn picture_of(name: &str) -> Vec<u8> {
    let png = include_bytes!("../support/files/avatar.png");
    let head = format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    [head.as_bytes(), png, b"\r\n--XX--\r\n"].concat()
}

/// The path with the query that the operation cannot do without.
pub(super) fn with_query(operation: &Operation, path: &str) -> String {
    match (operation.id(), path.rsplit('/').next()) {
        ("DeleteTenant", Some(name)) => format!("{path}?confirm={name}"),
        _ => path.to_owned(),
    }
}

/// Calls an operation with this path and a body that fits its schema.
pub(super) async fn call(person: &Person<'_>, operation: &Operation, path: &str) -> Reply {
    let mut request = person.request(operation.method.clone(), &with_query(operation, path));
    let schema = &operation.json["requestBody"]["content"]["application/json"]["schema"];
    if operation.json["requestBody"]["content"]["multipart/form-data"].is_object() {
        let form = match operation.id() {
            "CreateUserImport" => users_of(&person.name),
            _ => picture(),
        };
        request = request.header("content-type", FORM).body(form);
    }
    if !schema.is_null() {
        let documents = tenantry::groups::documents();
        let document = documents
            .iter()
            .find(|document| document.name == operation.document)
            .unwrap();
        let body = match operation.id() {
            // No tenant has the role that the document shows.
            "UpdateUserRole" => json!({ "role": "support" }),
            "UpdateSender" => json!({ "spec": sender("example")["spec"] }),
            "UpdateAuthProviderConfig" => {
                json!({ "spec": { "kind": "oidc", "displayName": "Made", "clientSecret": "hush" } })
            }
            "VerifySender" | "TestMessageTemplate" => json!({ "to": "ada@example.com" }),
            "SaveSenderConfig" | "VerifyConnection" => sender_config(),
            // By names or by a filter, and not by both.
            "CreateUserBatch" => json!({ "spec": { "act": "disable", "names": ["nobody.here"] } }),
            // Whoever asks goes on.
            "UndoRestoration" => json!({ "keepSessions": true }),
            "UpdateSystemConfigByGroup" | "PatchSystemConfig" => json!({ "codeInSubject": true }),
            "UpdatePolicyConfigByGroup" => json!({ "allowedOrigins": ["https://b.example.com"] }),
            _ => example(&document.json, schema),
        };
        request = request.json(&body);
    }
    person.send(request).await
}

/// A relay that is there, as Halo has it: the one of the examples is not.
pub(super) fn sender_config() -> Value {
    // It starts the relay.
    sender("main");
    json!({
        "enable": false, "host": "127.0.0.1", "port": *PORT, "encryption": "NONE", "sender": "no-reply@mail.example",
    })
}
