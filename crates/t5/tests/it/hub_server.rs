//! As much of the Hugging Face hub as a download meets, on this machine: a model's list of files, what is announced of each, and their
//! bytes from any offset. A test bends its answers.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fishdip_t5::{FetchError, Hub, Patience};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

pub(crate) const NAME: &str = "tester/t5";
pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub(crate) const WEIGHTS: &str = "model.safetensors";

/// The files of the model, `config.json` and the tokenizer small.
pub(crate) fn files() -> Vec<(&'static str, Vec<u8>)> {
    let weights = (0..300_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    vec![
        ("README.md", b"a model".to_vec()),
        ("config.json", b"{}".to_vec()),
        (WEIGHTS, weights),
        ("tokenizer.json", b"{\"a\": 1}".to_vec()),
    ]
}

pub(crate) fn content(file: &str) -> Vec<u8> {
    files().into_iter().find(|(name, _)| *name == file).map(|(_, content)| content).unwrap()
}

/// The hash that the hub calls `file` by.
pub(crate) fn tag(file: &str) -> String {
    let content = content(file);
    if file == WEIGHTS {
        return format!("{:x}", Sha256::digest(&content));
    }
    let blob = [format!("blob {}\0", content.len()).into_bytes(), content].concat();
    format!("{:x}", Sha1::digest(&blob))
}

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The first byte that is wanted.
    pub(crate) range: Option<usize>,
    pub(crate) token: Option<String>,
}

impl Request {
    /// Whether it is for the content of `file`.
    pub(crate) fn gets(&self, file: &str) -> bool {
        self.method == "GET" && self.path.ends_with(&format!("/{file}"))
    }

    /// Whether it asks what `file` is.
    pub(crate) fn heads(&self, file: &str) -> bool {
        self.method == "HEAD" && self.path.ends_with(&format!("/{file}"))
    }

    pub(crate) fn is_description(&self) -> bool {
        self.path.starts_with("/api/")
    }
}

/// An answer; the connection ends with it.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// How long the connection is held, in silence, after the body.
    pub(crate) silence: Duration,
    /// How often the body is sent.
    pub(crate) times: usize,
}

impl Answer {
    pub(crate) fn new(status: &'static str, body: Vec<u8>) -> Self {
        let length = ("Content-Length", body.len().to_string());
        Self { status, headers: vec![length], body, silence: Duration::ZERO, times: 1 }
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self::new("302 Found", Vec::new()).with("Location", location)
    }

    /// The same with a header of this value, instead of any other of the name.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    fn send(&self, stream: &mut TcpStream, is_head: bool) -> std::io::Result<()> {
        let mut text = format!("HTTP/1.1 {}\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        stream.write_all(text.as_bytes())?;
        if !is_head {
            for _ in 0..self.times {
                stream.write_all(&self.body)?;
            }
        }
        std::thread::sleep(self.silence);
        Ok(())
    }
}

/// What an honest hub answers.
pub(crate) fn honest(request: &Request) -> Answer {
    if request.path == format!("/api/models/{NAME}/revision/main") {
        let names: Vec<_> =
            files().iter().map(|(file, _)| format!("{{\"rfilename\":\"{file}\",\"x\":[1]}}")).collect();
        let body = format!("{{\"sha\":\"{COMMIT}\",\"siblings\":[{}]}}", names.join(","));
        return Answer::new("200 OK", body.into_bytes());
    }
    let path = request.path.strip_prefix(&format!("/{NAME}/resolve/{COMMIT}/"));
    let Some((file, content)) = files().into_iter().find(|(name, _)| Some(*name) == path) else {
        return Answer::new("404 Not Found", Vec::new());
    };
    let size = content.len();
    let answer = match request.range {
        Some(from) if from >= size => return Answer::new("416 Range Not Satisfiable", Vec::new()),
        Some(from) => Answer::new("206 Partial Content", content[from..].to_vec())
            .with("Content-Range", &format!("bytes {from}-{}/{size}", size - 1)),
        None => Answer::new("200 OK", content),
    };
    answer.with("ETag", &format!("\"{}\"", tag(file))).with("X-Repo-Commit", COMMIT)
}

/// A server that answers until the tests end.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers as `bent` makes of a request and of what an honest hub answers.
    pub(crate) fn start(bent: impl Fn(&Request, Answer) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let (bent, seen) = (Arc::new(bent), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (bent, seen) = (Arc::clone(&bent), Arc::clone(&seen));
                std::thread::spawn(move || -> std::io::Result<()> {
                    let mut stream = stream?;
                    let request = read(&stream)?;
                    seen.lock().unwrap().push(request.clone());
                    bent(&request, honest(&request)).send(&mut stream, request.method == "HEAD")
                });
            }
        });
        Self { endpoint, requests }
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// From which byte on `file` was asked for, each time.
    pub(crate) fn downloads(&self, file: &str) -> Vec<usize> {
        let gets = self.requests().into_iter().filter(|request| request.gets(file));
        gets.map(|request| request.range.unwrap_or(0)).collect()
    }

    /// This hub, with little patience, and a cache in `folder`, which is not there yet.
    pub(crate) fn hub(&self, folder: &Path) -> Hub {
        hub(&self.endpoint, folder)
    }
}

/// A hub at `endpoint` as [`Server::hub`] has it.
pub(crate) fn hub(endpoint: &str, folder: &Path) -> Hub {
    let patience =
        Patience { stall: Duration::from_secs(20), retries: 2, first_wait: Duration::from_millis(1) };
    Hub { endpoint: endpoint.to_owned(), cache: folder.join("cache"), token: None, patience }
}

/// Fetches the model.
pub(crate) fn fetch(hub: &Hub) -> Result<std::path::PathBuf, FetchError> {
    fishdip_t5::fetch(hub, NAME, &mut |_| ())
}

fn read(stream: &TcpStream) -> std::io::Result<Request> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut request = Request { method, path, ..Request::default() };
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "range" => {
                let from = value.strip_prefix("bytes=").and_then(|range| range.strip_suffix('-'));
                request.range = Some(from.unwrap().parse().unwrap());
            }
            "authorization" => request.token = Some(value.to_owned()),
            _ => {}
        }
    }
    Ok(request)
}
