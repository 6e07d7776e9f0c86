//! Serves the files of the report folder, and nothing else.
//!
//! Only this module parses a request's path. Its target, after following symbolic links, must be inside the folder.
//! tower-http then gets that resolved path and never the request's path.

use std::io;
use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::percent_decode_str;
use tower_http::services::ServeFile;

use super::range::understood_range;
use super::server::Shared;

/// A folder, by its resolved path.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// The target of a request's path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A file, by its resolved path.
    File {
        /// The path.
        path: PathBuf,
        /// Its size.
        n_bytes: u64,
    },
    /// A folder, requested without the slash that makes relative links work.
    FolderWithoutSlash,
}

impl Folder {
    /// Opens a folder.
    ///
    /// # Errors
    /// It cannot be read or is not a folder.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let folder = folder.canonicalize()?;
        folder.read_dir()?;
        Ok(Self(folder))
    }

    /// Returns the file that an encoded request path refers to. Hidden files (`.posekit/`), links that lead out of the
    /// folder and anything that is not a regular file count as missing.
    pub(super) fn find(&self, url_path: &str) -> Option<Found> {
        let url_path = url_path.strip_prefix('/')?;
        let (names, asks_for_folder) = match url_path.strip_suffix('/') {
            Some(names) => (names, true),
            None => (url_path, url_path.is_empty()),
        };
        let mut path = self.0.clone();
        if !names.is_empty() {
            for name in names.split('/') {
                path.push(file_name(name)?);
            }
        }
        let path = self.inside(&path)?;
        match (path.is_dir(), asks_for_folder) {
            (true, true) => self.file(&path.join("index.html")),
            (true, false) => Some(Found::FolderWithoutSlash),
            (false, true) => None,
            (false, false) => self.file(&path),
        }
    }

    fn file(&self, path: &Path) -> Option<Found> {
        let path = self.inside(path)?;
        let metadata = path.metadata().ok()?;
        metadata.is_file().then_some(Found::File { path, n_bytes: metadata.len() })
    }

    /// Returns the resolved path, if it is in the folder and not hidden there.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let path = path.canonicalize().ok()?;
        let within = path.strip_prefix(&self.0).ok()?;
        let is_shown =
            |part: Component| matches!(part, Component::Normal(name) if !name.as_encoded_bytes().starts_with(b"."));
        within.components().all(is_shown).then_some(path)
    }
}

/// Returns one name of a path, decoded once; `None` if it is not a plain, visible name.
fn file_name(encoded: &str) -> Option<String> {
    let name = percent_decode_str(encoded).decode_utf8().ok()?;
    let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    is_plain.then(|| name.into_owned())
}

/// Sends a file of the folder: the whole file, a range of bytes, or the response that it has not changed.
pub(super) async fn file(State(shared): State<Shared>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let url_path = request.uri().path().to_owned();
    let (folder, has_sql) = (shared.folder.clone(), shared.has_sql);
    let to_find = url_path.clone();
    let found = tokio::task::spawn_blocking(move || folder?.find(&to_find)).await;
    match found {
        Ok(Some(Found::File { path, n_bytes })) => sent(request, &path, n_bytes).await,
        // The path has plain names only, so it cannot lead to another host.
        Ok(Some(Found::FolderWithoutSlash)) => Redirect::permanent(&format!("{url_path}/")).into_response(),
        // Without a report, `/` leads to the SQL page.
        Ok(None) if url_path == "/" && has_sql => Redirect::temporary("/sql").into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, "File not found in the report.\n").into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn sent(mut request: Request, path: &Path, n_bytes: u64) -> Response {
    let range = request.headers_mut().remove(header::RANGE);
    if let Some(range) = range.and_then(|range| understood_range(&range, n_bytes))
        && is_range_of_this_version(request.headers(), path).await
    {
        request.headers_mut().insert(header::RANGE, range);
    }
    let Ok(response) = ServeFile::new(path).try_call(request).await else {
        // The file was removed meanwhile or cannot be read.
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = response.map(Body::new);
    let headers = response.headers_mut();
    if let Some(text_type) = headers.get(header::CONTENT_TYPE).and_then(with_charset) {
        headers.insert(header::CONTENT_TYPE, text_type);
    }
    // A new report has the same file names.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Returns whether the version in `If-Range`, if any, is the current file. tower-http ignores `If-Range`.
async fn is_range_of_this_version(headers: &HeaderMap, path: &Path) -> bool {
    let Some(version) = headers.get(header::IF_RANGE) else { return true };
    let mut look = Request::new(Body::empty());
    *look.method_mut() = Method::HEAD;
    let Ok(now) = ServeFile::new(path).try_call(look).await else { return false };
    [header::ETAG, header::LAST_MODIFIED].iter().any(|name| now.headers().get(name) == Some(version))
}

/// Returns a text type with its encoding: everything in a report is UTF-8.
fn with_charset(mime: &HeaderValue) -> Option<HeaderValue> {
    let mime = mime.to_str().ok()?;
    let is_text =
        mime.starts_with("text/") || matches!(mime, "application/json" | "application/javascript" | "image/svg+xml");
    if is_text && !mime.contains(';') { HeaderValue::from_str(&format!("{mime}; charset=utf-8")).ok() } else { None }
}
