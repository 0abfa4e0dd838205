package dev.pileus.rows;

import android.os.Bundle;
import android.view.ViewGroup;
import android.widget.TextView;
import androidx.appcompat.app.AppCompatActivity;
import androidx.appcompat.widget.SwitchCompat;
import androidx.recyclerview.widget.DividerItemDecoration;
import androidx.recyclerview.widget.GridLayoutManager;
import androidx.recyclerview.widget.RecyclerView;
import java.util.ArrayList;
import java.util.List;

/** A thousand rows, of which a tap removes one, in one column or two. */
public class Main extends AppCompatActivity {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    setContentView(R.layout.main);
    RecyclerView rows = findViewById(R.id.rows);
    GridLayoutManager columns = new GridLayoutManager(this, 1);
    rows.setLayoutManager(columns);
    rows.addItemDecoration(new DividerItemDecoration(this, DividerItemDecoration.VERTICAL));
    rows.setAdapter(new Rows());
    SwitchCompat wide = findViewById(R.id.wide);
    wide.setOnCheckedChangeListener((button, on) -> columns.setSpanCount(on ? 2 : 1));
  }

  private static final class Row extends RecyclerView.ViewHolder {
    Row(TextView view) {
      super(view);
    }
  }

  private static final class Rows extends RecyclerView.Adapter<Row> {
    private final List<String> texts = new ArrayList<>();

    Rows() {
      for (int i = 1; i <= 1000; i++) {
        texts.add("Row " + i);
      }
    }

    @Override
    public Row onCreateViewHolder(ViewGroup parent, int type) {
      TextView view =
          (TextView) android.view.LayoutInflater.from(parent.getContext()).inflate(R.layout.row, parent, false);
      Row row = new Row(view);
      view.setOnClickListener(tapped -> {
        texts.remove(row.getBindingAdapterPosition());
        notifyItemRemoved(row.getBindingAdapterPosition());
      });
      return row;
    }

    @Override
    public void onBindViewHolder(Row row, int position) {
      ((TextView) row.itemView).setText(texts.get(position));
    }

    @Override
    public int getItemCount() {
      return texts.size();
    }
  }
}
