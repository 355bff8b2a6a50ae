import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Map;

/** Lists and calls with the official Java SDK, which leaves the sign-in to the application: it sends $TOKEN. */
public class Main {
  private static void report(String step, String outcome, String detail) {
    String text = detail.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
    System.out.printf(
        "{\"step\":\"%s\",\"outcome\":\"%s\",\"detail\":\"%s\"}%n",
        step, outcome, text.substring(0, Math.min(300, text.length())));
  }

  private interface Action {
    String perform() throws Exception;
  }

  private static void step(String name, Action action) {
    try {
      report(name, "passed", action.perform());
    } catch (Exception error) {
      report(name, "failed", String.valueOf(error));
    }
  }

  public static void main(String[] args) {
    URI url = URI.create(System.getenv("AERIE_URL"));
    var withToken =
        HttpRequest.newBuilder().header("Authorization", "Bearer " + System.getenv("TOKEN"));
    var transport =
        HttpClientStreamableHttpTransport.builder(url.getScheme() + "://" + url.getAuthority())
            .endpoint(url.getPath())
            .requestBuilder(withToken)
            .build();
    var client = McpClient.sync(transport).build();
    step("connect", () -> client.initialize() == null ? "no answer" : "");
    step("list", () -> client.listTools().tools().size() + " tools");
    step(
        "call",
        () -> {
          var result = client.callTool(new CallToolRequest("greet_user", Map.of("name", "Ada")));
          if (Boolean.TRUE.equals(result.isError())) throw new IllegalStateException("greet_user failed");
          return "";
        });
    client.close();
    System.exit(0);
  }
}
