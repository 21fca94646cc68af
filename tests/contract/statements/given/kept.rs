//! The console's operations on what the tenant keeps: backups and files.

use super::{Given, Scene};
use crate::{
    contract::{
        makers::{begin_user_batch, make_attachment, make_backup, make_user_batch, make_user_import},
        restores,
    },
    support::{issuer::Issuer, roles::CONSOLE},
};
use serde_json::json;

/// The console's operations on backups.
pub(super) async fn of_backups<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let made = async || {
        let backup = make_backup(&scene.owner).await;
        let given = scene.by_owner().of(backup["metadata"]["name"].as_str().unwrap());
        (given, backup)
    };
    Some(match id {
        "ListBackups" | "ListBackupFiles" => {
            made().await;
            scene.by_owner()
        }
        "CreateBackup" => scene.by_owner().with(json!({})),
        "GetBackup" | "DeleteBackup" => made().await.0,
        "CreateRestoration" => {
            let (given, backup) = made().await;
            let form = json!({ "backupName": backup["metadata"]["name"], "dryRun": "false" });
            Given { names: vec![], ..given }.with(form)
        }
        "ListRestorations" => {
            restores::make_refused_restoration(&scene.owner, "old").await;
            scene.by_owner()
        }
        "GetRestoration" => {
            let name = restores::make_refused_restoration(&scene.owner, "old").await;
            scene.by_owner().of(name.as_str()?)
        }
        "UndoRestoration" => {
            let name = restores::make_restoration(&scene.owner).await;
            let given = scene.by_owner().of(name.as_str()?);
            given.with(json!({ "keepSessions": true }))
        }
        "DownloadBackup" => {
            let (given, backup) = made().await;
            given.of(backup["status"]["filename"].as_str()?)
        }
        _ => return None,
    })
}

/// The console's operations on imports and exports of users.
pub(super) async fn of_user_imports<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let made = async || make_user_import(&scene.owner, "people").await;
    Some(match id {
        "ListUserImports" => {
            made().await;
            scene.by_owner()
        }
        "CreateUserImport" | "ExportUsers" | "ExportUsersWithHashes" => scene.by_owner(),
        "GetUserImport" | "ListUserImportRejections" | "DeleteUserImport" => {
            scene.by_owner().of(made().await.as_str()?)
        }
        _ => return None,
    })
}

/// The console's operations on many users.
pub(super) async fn of_user_batches<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let made = async || make_user_batch(&scene.owner, "nobody").await;
    Some(match id {
        "ListUserBatches" => {
            made().await;
            scene.by_owner()
        }
        "CreateUserBatch" => {
            let asked = json!({ "act": "end-sessions", "filter": { "fieldSelector": ["spec.disabled=true"] } });
            scene.by_owner().with(json!({ "spec": asked }))
        }
        "CancelUserBatch" => {
            let begun = begin_user_batch(&scene.owner, "nobody").await;
            scene.by_owner().of(begun.as_str()?)
        }
        "GetUserBatch" | "ListUserBatchRejections" | "DeleteUserBatch" => scene.by_owner().of(made().await.as_str()?),
        _ => return None,
    })
}

/// The console's operations on files.
pub(super) async fn of_attachments<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let made = async || {
        let name = make_attachment(&scene.owner, "a.png").await;
        scene.by_owner().of(name.as_str().unwrap())
    };
    let group = json!({ "spec": { "displayName": "Reports" } });
    Some(match id {
        "ListAttachments" => {
            made().await;
            scene.by_owner()
        }
        "UploadAttachment" | "UploadAttachmentForConsole" | "GetAttachmentUsage" | "ListAttachmentGroups" => {
            scene.by_owner()
        }
        "UploadAttachmentFromUrl" => {
            let from = format!("{}/.well-known/openid-configuration", Issuer::start().base);
            scene.by_owner().with(json!({ "url": from }))
        }
        "MatchAttachmentPermalinks" => {
            let name = made().await.names.remove(0);
            let address = format!("{}{CONSOLE}/attachments/{name}/content", scene.owner.tenant.base);
            scene.by_owner().with(json!({ "urls": [address] }))
        }
        "GetAttachment" | "DeleteAttachment" | "GetAttachmentContent" => made().await,
        "PatchAttachment" => made().await.with(json!({ "spec": { "displayName": "b.png" } })),
        "GetFile" => {
            let given = made().await;
            let path = format!("{CONSOLE}/attachments/{}", given.names[0]);
            let public = json!({ "spec": { "visibility": "public" } });
            let request = given.by.request(reqwest::Method::PATCH, &path).json(&public);
            let file = given.by.send(request).await.expect(200);
            let hash = file["status"]["sha256"].as_str()?;
            scene.anybody().of(hash).of("a.png")
        }
        "CreateAttachmentGroup" => scene.by_owner().with(group),
        "DeleteAttachmentGroup" => {
            let made = scene.owner.post(&format!("{CONSOLE}/attachment-groups"), &group).await;
            scene.by_owner().of(made.expect(200)["metadata"]["name"].as_str()?)
        }
        _ => return None,
    })
}
