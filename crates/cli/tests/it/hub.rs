//! As much of the Hugging Face hub as a download meets: a model's list of files, and their bytes from any offset.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What goes wrong with the weights.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    None,
    /// Every connection ends before this byte of the file.
    BreakAt(usize),
    /// The last byte is another one.
    FlipLastByte,
}

struct Shared {
    name: &'static str,
    /// Name, hash and content.
    files: Vec<(&'static str, &'static str, Vec<u8>)>,
    fault: Fault,
    /// File and offset of every download.
    downloads: Mutex<Vec<(String, u64)>>,
}

pub(crate) struct Hub {
    endpoint: String,
    shared: Arc<Shared>,
}

impl Hub {
    /// Serves `files` (name and hash) of the bundled model as those of the model `name`.
    pub(crate) fn start(name: &'static str, files: &[(&'static str, &'static str)], fault: Fault) -> Self {
        let read = |file: &str| std::fs::read(format!("../../fixtures/models/t5-nano/{file}")).unwrap();
        let mut files: Vec<_> = files.iter().map(|&(file, hash)| (file, hash, read(file))).collect();
        if fault == Fault::FlipLastByte {
            let weights = files.iter_mut().find(|(file, ..)| file.ends_with("safetensors")).unwrap();
            *weights.2.last_mut().unwrap() ^= 1;
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared { name, files, fault, downloads: Mutex::default() });
        let serving = Arc::downgrade(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Some(shared) = serving.upgrade() else { break };
                // A client that goes away is no fault of ours.
                let _ = shared.answer(stream.unwrap());
            }
        });
        Self { endpoint, shared }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn downloads(&self) -> Vec<(String, u64)> {
        self.shared.downloads.lock().unwrap().clone()
    }
}

impl Shared {
    /// One request, one answer, one connection.
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        let mut words = request.split(' ');
        let is_head = words.next() == Some("HEAD");
        let path = words.next().unwrap_or_default().to_owned();
        let mut range = None;
        for line in lines {
            let line = line?.to_lowercase();
            if line.is_empty() {
                break;
            }
            range = range.or_else(|| line.strip_prefix("range: bytes=").map(str::to_owned));
        }
        if path == format!("/api/models/{}/revision/main", self.name) {
            let names: Vec<_> =
                self.files.iter().map(|(file, ..)| format!("{{\"rfilename\":\"{file}\"}}")).collect();
            let body = format!("{{\"sha\":\"{COMMIT}\",\"siblings\":[{}]}}", names.join(","));
            return send(&mut stream, "200 OK", "", body.as_bytes(), body.len());
        }
        let file = path.strip_prefix(&format!("/{}/resolve/{COMMIT}/", self.name));
        let Some((file, hash, content)) = self.files.iter().find(|(name, ..)| Some(*name) == file) else {
            return send(&mut stream, "404 Not Found", "", b"", 0);
        };
        let mut headers = format!("ETag: \"{hash}\"\r\nX-Repo-Commit: {COMMIT}\r\n");
        if is_head {
            return send(&mut stream, "200 OK", &headers, b"", content.len());
        }
        let (start, end) = range.as_deref().and_then(|range| range.split_once('-')).unwrap_or(("0", ""));
        let start: usize = start.parse().unwrap();
        let end = end.parse().map_or(content.len(), |last: usize| last + 1);
        self.downloads.lock().unwrap().push(((*file).to_owned(), start as u64));
        if start >= content.len() {
            return send(&mut stream, "416 Range Not Satisfiable", "", b"", 0);
        }
        let mut sent = &content[start..end];
        if let (Fault::BreakAt(limit), true) = (self.fault, file.ends_with("safetensors")) {
            sent = &sent[..limit.saturating_sub(start).min(sent.len())];
        }
        let _ = write!(headers, "Content-Range: bytes {start}-{}/{}\r\n", end - 1, content.len());
        send(&mut stream, "206 Partial Content", &headers, sent, end - start)
    }
}

/// Announces `length` bytes and sends `body`.
fn send(
    stream: &mut TcpStream,
    status: &str,
    headers: &str,
    body: &[u8],
    length: usize,
) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)
}
