//! The report folder's files, and nothing else.
//!
//! A request's path is taken apart here and nowhere else; what it leads to, symbolic links followed, must lie in the
//! folder. Which file is sent is then fixed: tower-http gets that path and never the request's.

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

/// A folder, by the path that it really has.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// What a request's path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A file, by the path that it really has.
    File {
        /// The path.
        path: PathBuf,
        /// Its size.
        n_bytes: u64,
    },
    /// A folder, asked for without the slash that makes relative links work.
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

    /// The file that a request's path, still encoded, stands for. Hidden files (`.posekit/`), links that lead out of
    /// the folder and what is no regular file are not there.
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

    /// The path that something really has, if it is in the folder and not hidden there.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let path = path.canonicalize().ok()?;
        let within = path.strip_prefix(&self.0).ok()?;
        let is_shown =
            |part: Component| matches!(part, Component::Normal(name) if !name.as_encoded_bytes().starts_with(b"."));
        within.components().all(is_shown).then_some(path)
    }
}

/// One name of a path, decoded once; `None` where it is not a plain name of something shown.
fn file_name(encoded: &str) -> Option<String> {
    let name = percent_decode_str(encoded).decode_utf8().ok()?;
    let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    is_plain.then(|| name.into_owned())
}

/// Sends a file of the folder: whole, a range of bytes, or the news that it has not changed.
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
        // The path has plain names only, so that it cannot lead to another host.
        Ok(Some(Found::FolderWithoutSlash)) => Redirect::permanent(&format!("{url_path}/")).into_response(),
        // A folder without a report has the SQL box at least.
        Ok(None) if url_path == "/" && has_sql => Redirect::temporary("/sql").into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, "There is no such file in the report.\n").into_response(),
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
        // It went away in the meantime or may not be read.
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = response.map(Body::new);
    let headers = response.headers_mut();
    if let Some(text_type) = headers.get(header::CONTENT_TYPE).and_then(with_charset) {
        headers.insert(header::CONTENT_TYPE, text_type);
    }
    // A report is made again under the same names.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whether the version that `If-Range` names, if it names one, is the file as it is now. tower-http does not look at
/// `If-Range`.
async fn is_range_of_this_version(headers: &HeaderMap, path: &Path) -> bool {
    let Some(version) = headers.get(header::IF_RANGE) else { return true };
    let mut look = Request::new(Body::empty());
    *look.method_mut() = Method::HEAD;
    let Ok(now) = ServeFile::new(path).try_call(look).await else { return false };
    [header::ETAG, header::LAST_MODIFIED].iter().any(|name| now.headers().get(name) == Some(version))
}

/// A type that is text, with its encoding: everything in a report is UTF-8.
fn with_charset(mime: &HeaderValue) -> Option<HeaderValue> {
    let mime = mime.to_str().ok()?;
    let is_text =
        mime.starts_with("text/") || matches!(mime, "application/json" | "application/javascript" | "image/svg+xml");
    if is_text && !mime.contains(';') { HeaderValue::from_str(&format!("{mime}; charset=utf-8")).ok() } else { None }
}
