import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** Starts one OpenSearch node; the runner's own starter takes no HTTP port above 9299 and keeps errors to itself. */
public final class SearchNode {
  public static void main(String[] arguments) throws InterruptedException {
    OpenSearchRunner runner = new OpenSearchRunner();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner)));
    try {
      runner.setMaxHttpPort(-1);
      runner.build(arguments);
    } catch (RuntimeException error) {
      error.printStackTrace();
      System.exit(1);
    }
    // The node's own threads don't keep the process alive.
    new CountDownLatch(1).await();
  }

  private static void close(OpenSearchRunner runner) {
    try {
      runner.close();
    } catch (Exception error) {
      error.printStackTrace();
    }
  }
}
