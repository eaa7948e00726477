import com.almworks.sqlite4java.SQLiteConnection;
import com.almworks.sqlite4java.SQLiteException;
import com.almworks.sqlite4java.SQLiteJob;
import com.almworks.sqlite4java.SQLiteQueue;
import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Starts DynamoDB Local on 127.0.0.1; its own starter listens on every address. What is acknowledged is in the
 * write-ahead log, which outlives the process; waiting for the disk at each write would guard against the loss of the
 * machine only, and makes a write several times slower.
 */
public final class LoopbackDynamoDb {
  public static void main(String[] arguments) throws Exception {
    DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(arguments);
    for (Connector connector : ((Server) read(proxy, "server")).getConnectors()) {
      ((ServerConnector) connector).setHost("127.0.0.1");
    }
    writeWithoutWaiting(proxy);
    proxy.start();
    proxy.join();
  }

  private static void writeWithoutWaiting(DynamoDBProxyServer proxy) throws Exception {
    Object requests = read(read(proxy, "serverHandler"), "primaryHandler");
    Method open = requests.getClass().getDeclaredMethod("getHandler", String.class);
    open.setAccessible(true);
    // With a shared database the name says nothing.
    Object client = open.invoke(requests, "");
    SQLiteQueue queue = (SQLiteQueue) read(read(client, "dbAccess"), "queue");
    queue.execute(
            new SQLiteJob<Void>() {
              @Override
              protected Void job(SQLiteConnection connection) throws SQLiteException {
                connection.exec("PRAGMA journal_mode=WAL");
                connection.exec("PRAGMA synchronous=NORMAL");
                return null;
              }
            })
        .complete();
  }

  private static Object read(Object object, String name) throws ReflectiveOperationException {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      try {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(object);
      } catch (NoSuchFieldException inSuperclass) {
        continue;
      }
    }
    throw new NoSuchFieldException(name);
  }
}
